"""Replies in blocks: `[QUESTION] ... [ANSWER] ... [END]`, any number of them.

Reads a text and knows nothing of who wrote it. A block stands or falls alone: parts are paired by
their sequence in the text, so a missing part never shifts those that follow. Text outside blocks is
ignored.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache

from closedbook.engine import Child, Dropped

EMPHASIS = "*_`"


def parse_blocks(
    text: str, tags: Sequence[str], *, truncated: bool = False, optional: Collection[str] = ()
) -> list[Child]:
    """The blocks of `text` in order: the columns of each whole one, why there are none for others.
    A block begins with the first tag, or with a tag that the block before has already.

    `[END]` may be left out before the next block and at the end; there, if the reply was
    `truncated`, its last part may be incomplete and the block is dropped. Tags that are `optional`
    may be missing; their columns are empty.
    """
    children: list[Child] = []
    start = 0
    parts: dict[str, str] = {}
    for tag, begin, after, end in _marked(text, tuple(tags)):
        if parts and (tag in parts or tag in (tags[0], "end")):
            children.append(_child(text[start:begin], parts, tags, optional))
            parts = {}
        if tag == "end":
            continue
        start = start if parts else begin
        parts[tag] = text[after:end].strip()
    if parts and truncated:
        raw = text[start:].strip()
        children.append(Dropped("truncated", "the reply ended within this block", raw))
    elif parts:
        children.append(_child(text[start:], parts, tags, optional))
    return children


def form_of(tags: Sequence[str]) -> str:
    """The form of a block, as a prompt would state it."""
    return "\n".join([*(f"[{tag.upper()}] ..." for tag in tags), "[END]"])


def _marked(text: str, tags: tuple[str, ...]) -> list[tuple[str, int, int, int]]:
    """(tag, where its marker begins, where it ends, where the next begins) of each marker."""
    markers = []
    for found in _marker(tags).finditer(text):
        begin, after = found.span()
        if begin and text[begin - 1] in EMPHASIS:
            begin, after = _decorated(text, begin, after)
        markers.append((found[1].lower().replace(" ", "_"), begin, after))
    ends = [*[begin for _, begin, _ in markers[1:]], len(text)]
    return [(*marker, end) for marker, end in zip(markers, ends, strict=False)]


def _child(
    raw: str, parts: dict[str, str], tags: Sequence[str], optional: Collection[str]
) -> Child:
    texts = {tag: parts.get(tag, "") for tag in tags}
    if not all(texts.values()):
        for tag in tags:
            if not texts[tag] and tag not in optional:
                return Dropped("a part is missing", f"no [{tag.upper()}]", raw.strip())
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
