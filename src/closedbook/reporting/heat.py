"""The heat map: one column per document, one row per arm and condition, strong where answers are
right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from closedbook.records import in_words
from closedbook.reporting import svg
from closedbook.reporting.answers import Key, SideBySide
from closedbook.reporting.words import percent

WIDTH, ROW = 980.0, 22.0
LABELS = 176.0


@dataclass(frozen=True, slots=True)
class Heat:
    """Accuracy per document: `scores` by (arm, condition), in the order of `documents`, None where
    nothing was asked; `counts` are questions per document."""

    documents: tuple[str, ...]
    counts: tuple[int, ...]
    scores: Mapping[Key, tuple[float | None, ...]]


def heat_of(asked: Sequence[SideBySide], exam: str, pair: tuple[str, str]) -> Heat | None:
    """The documents of an exam, those first where the second arm of the `pair` gains most under the
    first condition; None if fewer than two documents are named."""
    mine = [item for item in asked if item.row.exam == exam and item.row.document]
    keys = list(dict.fromkeys(key for item in mine for key in item.said))
    by_title: dict[str, list[SideBySide]] = {}
    for item in mine:
        by_title.setdefault(item.row.document, []).append(item)
    if len(by_title) < 2 or not keys:
        return None
    first = keys[0][1]
    before, after = ((arm, first) for arm in pair)

    def place(title: str) -> tuple[float, float, str]:
        was, now = (_score(by_title[title], key) or 0.0 for key in (before, after))
        return was - now, -now, title

    titles = sorted(by_title, key=place)
    scores = {key: tuple(_score(by_title[title], key) for title in titles) for key in keys}
    return Heat(tuple(titles), tuple(len(by_title[title]) for title in titles), scores)


def heat_map(heat: Heat) -> str:
    """The figure. Each cell says its document and figure when pointed at."""
    across = (WIDTH - LABELS) / len(heat.documents)
    parts = []
    conditions = list(dict.fromkeys(condition for _, condition in heat.scores))
    y = 4.0
    for condition in conditions:
        parts.append(svg.text((0, y + 12), in_words(condition), anchor="start", weight=600))
        y += 20
        for (arm, _), scores in ((k, v) for k, v in heat.scores.items() if k[1] == condition):
            short = svg.shortened(arm, LABELS - 16)
            parts.append(svg.text((12, y + 14), short, anchor="start", size=12.5, fill=svg.MUTED))
            parts += [
                _cell(heat, number, score, (LABELS + number * across, y), across)
                for number, score in enumerate(scores)
            ]
            y += ROW
        y += 10
    parts.append(_scale(y + 4))
    title = "Share of right answers per document"
    described = f"{len(heat.documents)} documents, most gained first"
    return svg.drawing((WIDTH, y + 26), title, described, parts)


def _score(items: Sequence[SideBySide], key: Key) -> float | None:
    said = [item.said[key] for item in items if key in item.said]
    turns = [fmean(one.turns) for one in said if one.turns]
    return fmean(turns) if turns else None


def _cell(
    heat: Heat, number: int, score: float | None, corner: tuple[float, float], across: float
) -> str:
    gap = 1.0 if across > 4 else 0.0
    count = heat.counts[number]
    shown = "not asked" if score is None else f"{percent(score, 0)} of {count}"
    fill = "none" if score is None else "var(--heat, #2f5fd0)"
    return svg.rectangle(
        corner,
        (across - gap, ROW - 2),
        fill=fill,
        opacity=0.06 + 0.94 * (score or 0.0),
        title=f"{heat.documents[number]}: {shown}",
    )


def _scale(y: float) -> str:
    steps = [
        svg.rectangle(
            (LABELS + 34 + 18 * step, y),
            (17, 12),
            fill="var(--heat, #2f5fd0)",
            opacity=0.06 + 0.94 * step / 4,
        )
        for step in range(5)
    ]
    ends = [
        svg.text((LABELS, y + 10), percent(0, 0), anchor="start", size=12, fill=svg.MUTED),
        svg.text((LABELS + 130, y + 10), percent(1, 0), anchor="start", size=12, fill=svg.MUTED),
    ]
    return "".join([*steps, *ends])
