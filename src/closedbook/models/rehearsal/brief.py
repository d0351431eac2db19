"""What a prompt asks for: the material it shows, the form of reply it wants, which version.

Reads nothing but the messages. Material stands between <name> and </name>; the form is the list of
[TAGS] outside it; "version 3 of 8" says which of several different replies is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.records import Message

_MATERIAL = re.compile(
    r"^<(?P<name>[a-z_]+)>\n?(?P<text>.*?)\n?</(?P=name)>$", re.DOTALL | re.MULTILINE
)
_TAG = re.compile(r"\[([A-Z][A-Z0-9_]*)\]")
_VERSION = re.compile(r"\bversion (\d+) of (\d+)\b", re.IGNORECASE)
_TITLE = re.compile(r"^Title: *(.+)$", re.MULTILINE)
_QUESTION = re.compile(r"(?:^|\n)(?:Question: *)?([^\n]+\?)\s*$")


@dataclass(frozen=True, slots=True)
class Brief:
    """`form` are the tags of the wanted reply in order, empty where it is free text; `version`
    counts from 1; `wish` is the prompt's wording without the material."""

    wish: str
    material: dict[str, str]
    form: tuple[str, ...]
    version: int
    title: str
    question: str

    @property
    def document(self) -> str:
        return self.material.get("document", "")


def read_brief(messages: Sequence[Message]) -> Brief:
    """The brief in a conversation; what the assistant said before is not part of it."""
    said = "\n\n".join(m.content for m in messages if m.role != "assistant")
    material: dict[str, str] = {}
    for found in _MATERIAL.finditer(said):
        material.setdefault(found["name"], found["text"].strip())
    wish = _MATERIAL.sub("", said)
    title = _TITLE.search(wish)
    version = _VERSION.search(wish)
    question = material.get("question") or _asked(wish)
    if "document" not in material and question:
        material["document"] = wish.rpartition(question)[0]
    tags = dict.fromkeys(tag for tag in _TAG.findall(wish) if tag not in {"END", "NOTHING"})
    return Brief(
        wish=wish,
        material=material,
        form=tuple(tags),
        version=int(version[1]) if version else 1,
        title=title[1].strip() if title else "",
        question=question,
    )


def _asked(wish: str) -> str:
    found = _QUESTION.search(wish.strip())
    return found[1].strip() if found else ""
