"""The nouns of closedbook: frozen records with content-hash identities.

Records know nothing of files, models or stages.
"""

from closedbook.records.completion import Completion, Message, Role
from closedbook.records.document import Document, Passage
from closedbook.records.exam import Condition, Question, Response
from closedbook.records.identity import SCHEMA, content_id
from closedbook.records.knowledge import QAPair, StudyText
from closedbook.records.rejection import Rejection
from closedbook.records.training_row import LossPolicy, TrainingRow

__all__ = [
    "SCHEMA",
    "Completion",
    "Condition",
    "Document",
    "LossPolicy",
    "Message",
    "Passage",
    "QAPair",
    "Question",
    "Rejection",
    "Response",
    "Role",
    "StudyText",
    "TrainingRow",
    "content_id",
]
