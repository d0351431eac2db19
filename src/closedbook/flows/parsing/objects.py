"""Replies in JSON: a list of objects, one object, or one object after another; fenced or not.

What is broken is mended where that can be done (json-repair); the whole objects of a broken list
are read as they are. Text around the JSON is ignored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import json_repair

from closedbook.engine import Child, Dropped

FENCE = re.compile(r"```(?:json\w*)?[ \t]*\n(?=\s*[\[{])", re.IGNORECASE)
OPENING = re.compile(r"[\[{]")
DECODER = json.JSONDecoder(strict=False)


def parse_objects(
    text: str, keys: Sequence[str], *, truncated: bool = False, optional: Collection[str] = ()
) -> list[Child] | None:
    """The objects of `text` in order: the columns of each whole one, why there are none for others;
    None where there is no JSON with such objects. If the reply was `truncated`, an object that had
    to be mended is dropped."""
    found = list(_objects(text, keys))
    if not found and not _is_empty(text):
        return None
    return [
        Dropped("truncated", "the reply ended within this object", raw)
        if mended and truncated
        else _child(content, raw, keys, optional)
        for content, raw, mended in found
    ]


def as_text(value: object) -> str:
    """A JSON value as a column: lists of texts as lines, the rest as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return "\n".join(map(as_text, value))
    return json.dumps(value, ensure_ascii=False)


def _objects(text: str, keys: Sequence[str]) -> Iterator[tuple[dict[str, Any], str, bool]]:
    """(object, its text, was it broken) of every object with one of the keys."""
    fence = FENCE.search(text)
    position = fence.end() if fence else 0
    while opening := OPENING.search(text, position):
        start = opening.start()
        try:
            value, position = DECODER.raw_decode(text, start)
        except (json.JSONDecodeError, RecursionError):
            position = start + 1
            # The objects of a broken list are read one by one.
            if opening[0] == "{" and (mended := _mended(text[start:], keys)):
                yield from ((content, text[start:], True) for content in mended)
                return
            continue
        raw = text[start:position]
        yield from ((content, raw, False) for content in _wanted(value, keys))


def _mended(text: str, keys: Sequence[str]) -> list[dict[str, Any]]:
    try:
        return list(_wanted(json_repair.loads(text), keys))
    except (RecursionError, ValueError):
        return []


def _wanted(value: object, keys: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The objects within a value that have one of the keys; {"pairs": [...]} holds some."""
    if isinstance(value, list):
        for item in value:
            yield from _wanted(item, keys)
    elif isinstance(value, dict):
        plain = {str(name).strip().lower().replace(" ", "_"): part for name, part in value.items()}
        if any(key in plain for key in keys):
            yield plain
        else:
            yield from _wanted(list(value.values()), keys)


def _child(
    content: dict[str, Any], raw: str, keys: Sequence[str], optional: Collection[str]
) -> Child:
    texts = {key: as_text(content.get(key)) for key in keys}
    missing = [key for key in keys if not texts[key] and key not in optional]
    if missing:
        return Dropped("a part is missing", f'no "{missing[0]}"', raw.strip())
    return texts


def _is_empty(text: str) -> bool:
    """Whether the reply is an empty list, fenced or not."""
    return re.fullmatch(r"[\s`]*(?:json)?\s*\[\s*\][\s`]*", text, re.IGNORECASE) is not None
