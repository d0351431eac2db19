"""Replies in blocks: `[QUESTION] ... [ANSWER] ... [END]`, any number of them.

Reads a text and knows nothing of who wrote it. A block stands or falls alone: parts are paired by
their sequence in the text, so a missing part never shifts those that follow. Text outside blocks is
ignored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from closedbook.engine import Child, Dropped

EMPHASIS = "*_`"


def parse_blocks(
    text: str, tags: Sequence[str], *, truncated: bool = False, optional: Collection[str] = ()
) -> list[Child]:
    """The blocks of `text` in order: the columns of each whole one, why there are none for others.

    `[END]` may be left out before the next block and at the end; there, if the reply was
    `truncated`, its last part may be incomplete and the block is dropped. Tags that are `optional`
    may be missing; their columns are empty.
    """
    return [
        _child(text[start:end].strip(), found, tags, optional, cut_off=cut)
        for start, end, found, cut in _blocks(text, tags, truncated)
    ]


def form_of(tags: Sequence[str]) -> str:
    """The form of a block, as a prompt would state it."""
    return "\n".join([*(f"[{tag.upper()}] ..." for tag in tags), "[END]"])


def _blocks(
    text: str, tags: Sequence[str], truncated: bool
) -> Iterator[tuple[int, int, dict[str, str], bool]]:
    """(start, end, parts, was it cut off) of each block. A block begins with the first tag, or with
    a tag that the block before has already."""
    markers = []
    for found in _marker(tuple(tags)).finditer(text):
        begin, after = found.span()
        if begin and text[begin - 1] in EMPHASIS:
            begin, after = _decorated(text, begin, after)
        markers.append((found[1].lower().replace(" ", "_"), begin, after))
    ends = [*[begin for _, begin, _ in markers[1:]], len(text)]
    start = 0
    parts: dict[str, str] = {}
    for (tag, begin, after), end in zip(markers, ends, strict=False):
        if parts and (tag in parts or tag in (tags[0], "end")):
            yield start, begin, parts, False
            parts = {}
        if tag == "end":
            continue
        start = start if parts else begin
        parts[tag] = text[after:end]
    if parts:
        yield start, len(text), parts, truncated


def _child(
    raw: str,
    parts: dict[str, str],
    tags: Sequence[str],
    optional: Collection[str],
    *,
    cut_off: bool,
) -> Child:
    if cut_off:
        return Dropped("truncated", "the reply ended within this block", raw)
    texts = {tag: parts.get(tag, "").strip() for tag in tags}
    if all(texts.values()):
        return texts
    missing = [tag for tag in tags if not texts[tag] and tag not in optional]
    if missing:
        return Dropped("a part is missing", f"no [{missing[0].upper()}]", raw)
    return texts


@lru_cache
def _marker(tags: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(tag).replace("_", "[_ ]") for tag in (*tags, "end"))
    return re.compile(rf"\[({names})\]:{{0,2}}", re.IGNORECASE)


def _decorated(text: str, start: int, end: int) -> tuple[int, int]:
    """A marker with the emphasis around it, and the colon that may follow: `**[ANSWER]**:`."""
    mark = text[start - 1]
    while text.endswith(mark, 0, start) and text.startswith(mark, end):
        start, end = start - 1, end + 1
    return start, end + text.startswith(":", end)
