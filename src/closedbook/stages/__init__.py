"""How each stage is wired to its room: a version, the settings and files it depends on, a call.

A version is bumped when the meaning of what a stage writes changes. Knows no order; that is
`pipeline`'s.
"""

from closedbook.stages.examining import sit_exams, summarise
from closedbook.stages.knowledge import curate, generate, generating_flows
from closedbook.stages.learning import mix, train
from closedbook.stages.reading import documents, exam
from closedbook.stages.retrieving import retrieve, searcher
from closedbook.stages.setup import Setup
from closedbook.stages.telling import report

__all__ = [
    "Setup",
    "curate",
    "documents",
    "exam",
    "generate",
    "generating_flows",
    "mix",
    "report",
    "retrieve",
    "searcher",
    "sit_exams",
    "summarise",
    "train",
]
