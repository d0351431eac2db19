"""The README of a trained student: how it was made, from what, and, once it has been examined, how
well it answers.

Knows counts and settings, no model. Invariant: a score stands in the card with its interval, or not
at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from closedbook.records import Summary
from closedbook.store import write_atomically
from closedbook.students import StudentSource

BEGIN, END = "<!-- scores -->", "<!-- end of scores -->"
NOT_YET = "Not examined yet."


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a student was made from: the `base`, digests of the rows and of the encoding, the
    settings that were used, what was counted, and rows and tokens by source."""

    base: StudentSource
    rows: str
    encoding: str
    settings: Mapping[str, Any]
    counts: Mapping[str, int | float]
    sources: Mapping[str, Mapping[str, Any]]


def write_card(provenance: Provenance) -> str:
    """The card of a student that nobody has examined yet."""
    front = {"library_name": "transformers", "pipeline_tag": "text-generation"}
    base = provenance.base.where
    folder = Path(base)
    if not folder.exists():
        front["base_model"] = base
    lines = ["---", *(f"{key}: {value}" for key, value in front.items())]
    lines += ["tags: [closedbook]", "---", "", "# A student of closedbook", ""]
    lines += [
        f"Trained from `{folder.name if folder.exists() else base}`"
        " on a mixture made from a set of documents, to answer questions about them.",
        "",
        "## Scores",
        "",
        BEGIN,
        NOT_YET,
        END,
        "",
        "## Data",
        "",
    ]
    lines += _table(
        ("source", "rows", "tokens", "learned tokens"),
        [
            (name, *(_number(part.get(key)) for key in ("rows", "tokens", "loss_tokens")))
            for name, part in provenance.sources.items()
        ],
    )
    known = {
        "digest of the encoded rows": provenance.rows,
        "digest of tokenizer and template": provenance.encoding,
        "identity of the base": provenance.base.identity,
        **{name: part["from"] for name, part in provenance.sources.items() if "from" in part},
    }
    lines += ["", *(f"- {name}: `{value}`" for name, value in known.items()), ""]
    lines += ["## Recipe", ""]
    lines += _table(("setting", "value"), [(k, _said(v)) for k, v in provenance.settings.items()])
    lines += ["", *_table(("counted", ""), [(k, _number(v)) for k, v in provenance.counts.items()])]
    return "\n".join(lines) + "\n"


def fill_scores(model: Path, arm: str, summary: Summary) -> None:
    """Put the arm's results into the card of its `model` folder, where there is one."""
    card = model / "README.md"
    if not card.is_file():
        return
    text = card.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        return
    rows = [
        (item.exam, item.condition.replace("_", " "), f"{100 * item.accuracy:.1f}", _span(item))
        for item in summary.results
        if item.arm == arm and item.accuracy is not None and item.interval is not None
    ]
    scores = "\n".join(_table(("exam", "condition", "accuracy, %", "95 % interval"), rows))
    filled = f"{before}{BEGIN}\n{scores if rows else NOT_YET}\n{END}{after}"
    write_atomically(card, filled.encode())


def _span(item: Any) -> str:
    low, high = item.interval
    return f"{100 * low:.1f} to {100 * high:.1f}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    rule = "|" + "---|" * len(head)
    return [_line(head), rule, *(_line(row) for row in rows)]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _number(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}" if value is not None else ""


def _said(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
