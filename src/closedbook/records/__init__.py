"""The nouns of closedbook: frozen records with content-hash identities.

Records know nothing of files, models or stages.
"""

from closedbook.records.completion import Completion, Message, Role
from closedbook.records.document import Document, Passage
from closedbook.records.exam import (
    GENERATED,
    REHEARSED,
    UNREVIEWED,
    Condition,
    Question,
    Response,
    Retrieved,
    Split,
    in_words,
)
from closedbook.records.identity import content_id, plain
from closedbook.records.knowledge import QAPair, StudyText
from closedbook.records.rejection import Rejection
from closedbook.records.summary import (
    BASE,
    CUSTOMISED,
    SUMMARY_VERSION,
    Comparison,
    Interval,
    Letter,
    Method,
    Part,
    Result,
    Summary,
)
from closedbook.records.training_row import TrainingRow

__all__ = [
    "BASE",
    "CUSTOMISED",
    "GENERATED",
    "REHEARSED",
    "SUMMARY_VERSION",
    "UNREVIEWED",
    "Comparison",
    "Completion",
    "Condition",
    "Document",
    "Interval",
    "Letter",
    "Message",
    "Method",
    "Part",
    "Passage",
    "QAPair",
    "Question",
    "Rejection",
    "Response",
    "Result",
    "Retrieved",
    "Role",
    "Split",
    "StudyText",
    "Summary",
    "TrainingRow",
    "content_id",
    "in_words",
    "plain",
]
