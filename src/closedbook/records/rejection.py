"""What was dropped, where and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rejection:
    """A dropped row. `reason` is a short fixed phrase that can be counted; `detail` keeps the
    particulars and `raw` the dropped text; `subject` names the row (an id or a path)."""

    stage: str
    step: str
    reason: str
    subject: str
    detail: str = ""
    raw: str = ""
