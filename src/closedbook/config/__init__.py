"""closedbook.yaml: its shape (`settings`) and how it is read (`loading`).

Knows nothing of what the settings cause.
"""

from closedbook.config.loading import FILE_NAME, examine_config, load_config
from closedbook.config.settings import (
    Arm,
    Caps,
    Config,
    Curate,
    EndpointTeacher,
    Evaluate,
    Generate,
    HuggingFaceStudent,
    Mix,
    Price,
    RehearsalStudent,
    RehearsalTeacher,
    Teacher,
    Train,
)
from closedbook.config.template import render_template

__all__ = [
    "FILE_NAME",
    "Arm",
    "Caps",
    "Config",
    "Curate",
    "EndpointTeacher",
    "Evaluate",
    "Generate",
    "HuggingFaceStudent",
    "Mix",
    "Price",
    "RehearsalStudent",
    "RehearsalTeacher",
    "Teacher",
    "Train",
    "examine_config",
    "load_config",
    "render_template",
]
