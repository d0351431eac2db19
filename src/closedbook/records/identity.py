"""Identity of records: a hash of their content, equal on every machine."""

from __future__ import annotations

import hashlib

import orjson

SCHEMA = 1
"""Version of the records' meaning; part of every identity."""


def plain(text: str) -> str:
    """A text as two are told apart: spacing and case aside."""
    return " ".join(text.split()).casefold()


def content_id(kind: str, *parts: object) -> str:
    """16 hex digits of BLAKE2b over the canonical JSON of `kind` and `parts`."""
    canonical = orjson.dumps([SCHEMA, kind, *parts], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(canonical, digest_size=8).hexdigest()


def identify(record: object, kind: str, *parts: object) -> None:
    """Give a frozen record whose `id` is empty the hash of these parts."""
    if not getattr(record, "id", ""):
        object.__setattr__(record, "id", content_id(kind, *parts))
