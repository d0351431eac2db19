"""What training and evaluation share: how a student is loaded, prompted, encoded and asked.

Students know rows and chat templates, not where the rows come from or what is measured. Importing
this package is light; `student`, `encode` and `answering` are imported by the stage that uses them.
"""

from closedbook.students.prompting import (
    LETTER_ALONE,
    LETTERS,
    ask_messages,
    choice_messages,
    short_messages,
    study_messages,
)
from closedbook.students.source import (
    REHEARSAL_STUDENT,
    REPLAY,
    RETENTION,
    UNREPLAYED,
    StudentSource,
    find_student,
    require_training_extra,
)

__all__ = [
    "LETTERS",
    "LETTER_ALONE",
    "REHEARSAL_STUDENT",
    "REPLAY",
    "RETENTION",
    "UNREPLAYED",
    "StudentSource",
    "ask_messages",
    "choice_messages",
    "find_student",
    "require_training_extra",
    "short_messages",
    "study_messages",
]
