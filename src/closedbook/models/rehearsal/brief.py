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
_EXAM = re.compile(r"\bexams?\b", re.IGNORECASE)
_BY_TITLE = re.compile(r"names its source by the title: (.+?)\. Write")
_AT = re.compile(r"says that it is about (.+?), as people there would")


@dataclass(frozen=True, slots=True)
class Brief:
    """`form` are the tags of the wanted reply in order, empty where it is free text; `version`
    counts from 1; `wish` is the prompt's wording without the material. `replies` are the
    assistant's turns so far and `last` the turn that follows them, empty if there are none."""

    wish: str
    material: dict[str, str]
    form: tuple[str, ...]
    version: int
    title: str
    question: str
    replies: tuple[str, ...] = ()
    last: str = ""

    @property
    def document(self) -> str:
        return self.material.get("document", "")

    @property
    def source(self) -> str:
        """What is to be asked about or told: one fact, a passage, else the document."""
        return self.material.get("fact") or self.material.get("passage") or self.document

    @property
    def for_exam(self) -> bool:
        return _EXAM.search(self.wish) is not None

    def named(self, question: str) -> str:
        """The question, naming its source if the prompt wants that and it does not yet."""
        if found := _BY_TITLE.search(self.wish):
            opening = f'About "{found[1]}": '
        elif found := _AT.search(self.wish):
            opening = f"At {found[1]}: "
        if not found or found[1].lower() in question.lower():
            return question
        return f"{opening}{question}"


def unnamed(question: str) -> str:
    """Without what `named` puts in front."""
    return re.sub(r"^(?:About \"[^\"]*\"|At [^:?]{1,80}): ", "", question)


def read_brief(messages: Sequence[Message]) -> Brief:
    """The brief in a conversation; what the assistant said before is not part of it."""
    said = "\n\n".join(m.content for m in messages if m.role != "assistant")
    material: dict[str, str] = {}
    for found in _MATERIAL.finditer(said):
        material.setdefault(found["name"], found["text"].strip())
    wish = _MATERIAL.sub("", said)
    title = _TITLE.search(wish)
    version = _VERSION.search(wish)
    asked = _QUESTION.search(wish.strip())
    question = material.get("question") or (asked[1].strip() if asked else "")
    if "document" not in material and question:
        material["document"] = wish.rpartition(question)[0]
    replies = tuple(m.content for m in messages if m.role == "assistant")
    last = messages[-1].content if replies and messages else ""
    # A later turn that names no tags (not one that repairs a form) wants free text.
    named = _TAG.findall(wish) if not replies or _TAG.search(last) else ()
    tags = dict.fromkeys(tag for tag in named if tag not in {"END", "NOTHING"})
    return Brief(
        wish=wish,
        material=material,
        form=tuple(tags),
        version=int(version[1]) if version else 1,
        title=title[1].strip() if title else "",
        question=question,
        replies=replies,
        last=last,
    )
