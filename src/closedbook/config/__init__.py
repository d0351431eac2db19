"""closedbook.yaml: its shape (`settings`) and how it is read (`loading`).

Knows nothing of what the settings cause.
"""

from closedbook.config.examination import (
    AnyExam,
    EndpointModel,
    Evaluate,
    FileExam,
    ImportedAnswers,
    QualityExam,
    TeacherModel,
)
from closedbook.config.knowledge import Curate
from closedbook.config.loading import FILE_NAME, examine_config, load_config
from closedbook.config.mixture import Mix, MixSource, Recipe
from closedbook.config.retrieval import EndpointEmbedding, LocalEmbedding, Rerank, Retrieval
from closedbook.config.settings import Config
from closedbook.config.students import HuggingFaceStudent, RehearsalStudent
from closedbook.config.teachers import Caps, EndpointTeacher, Price, Teacher
from closedbook.config.template import QUALITY, Preset, render_template
from closedbook.config.training import Lora, Train

__all__ = [
    "FILE_NAME",
    "QUALITY",
    "AnyExam",
    "Caps",
    "Config",
    "Curate",
    "EndpointEmbedding",
    "EndpointModel",
    "EndpointTeacher",
    "Evaluate",
    "FileExam",
    "HuggingFaceStudent",
    "ImportedAnswers",
    "LocalEmbedding",
    "Lora",
    "Mix",
    "MixSource",
    "Preset",
    "Price",
    "QualityExam",
    "Recipe",
    "RehearsalStudent",
    "Rerank",
    "Retrieval",
    "Teacher",
    "TeacherModel",
    "Train",
    "examine_config",
    "load_config",
    "render_template",
]
