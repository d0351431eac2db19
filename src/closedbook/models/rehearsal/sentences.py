"""Text to sentences, and a sentence to tokens.

Knows headings, lists, code and abbreviations; nothing of grammar. A sentence keeps the words of the
text, so it can be quoted as evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from closedbook.models.rehearsal import lexicon

_ABBREVIATIONS = lexicon.word_list("abbreviations")
_ENDING = frozenset({"inc", "ltd", "co", "corp", "etc", "jr", "sr", "st", "no", "m", "a.m", "p.m"})
_BEGINNING = re.compile(r"(?:It|He|She|They|The|Its|His|Her|Their|In|A|An|This)\b")
_FENCE = re.compile(r"^(```|~~~).*?^\1[^\n]*$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^\s{0,3}(#{1,6}\s|[=\-*_]{3,}\s*$)")
_BULLET = re.compile(r"^\s*([-*+•]|\d{1,3}[.)])\s+")
_MARKS = re.compile(r"(\*\*|__|`|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w))")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_NOTE = re.compile(r"\[\d+\]")
_END = re.compile(r"([.!?…]+)([\"'”’)\]]*)(?=\s+|$)")
PARENTHESES = re.compile(r"\s*\([^()]*\)")
_MONTH = "|".join(month.capitalize() for month in sorted(lexicon.MONTHS))
DATE = re.compile(
    rf"\d{{1,2}}(?:st|nd|rd|th)? (?:{_MONTH}),? \d{{3,4}}"
    rf"|(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{3,4}})?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?(?:{_MONTH})|(?:{_MONTH}),? \d{{4}}"
)
_QUOTED = r"[“\"][^“”\"]{1,80}[”\"]"
_TOKEN = re.compile(
    rf"{DATE.pattern}|{_QUOTED}|(?:[A-Z]\.)+(?=\s|,|$)|(?:Dr|Mr|Mrs|Ms|St|Mt|Prof|No|Inc|Ltd|Co)\.(?=[\s,]|$)"
    r"|[$€£]\s?\d[\d.,]*\d|[$€£]\d|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?%?[\w-]*"
    r"|[^\W\d_][\w]*(?:[-.'’&/][\w]+)*['’]?|\S"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`paragraph` counts from 0; `text` is one sentence without list marks and emphasis."""

    text: str
    paragraph: int

    @property
    def complete(self) -> bool:
        """Whether it ends as a statement does."""
        return self.text.rstrip("\"'”’)").endswith(".")


def _blocks(text: str) -> list[str]:
    """Paragraphs and list items without their marks; headings, tables and code are left out."""
    blocks: list[list[str]] = [[]]
    for line in _FENCE.sub("\n", text.replace("\r\n", "\n")).split("\n"):
        if not line.strip() or _HEADING.match(line) or line.lstrip().startswith("|"):
            blocks.append([])
            continue
        if _BULLET.match(line):
            blocks.append([])
        blocks[-1].append(_BULLET.sub("", line).strip().lstrip("> "))
    return [_plain(" ".join(block)) for block in blocks if block]


def _plain(block: str) -> str:
    block = _NOTE.sub("", _LINK.sub(r"\1", block))
    return re.sub(r"\s+", " ", _MARKS.sub("", block)).strip()


def _is_end(block: str, match: re.Match[str]) -> bool:
    following = block[match.end() : match.end() + 40].lstrip()
    if following and following[0].islower():
        return False
    if match[1] != ".":
        return True
    last = re.split(r"[\s(]", block[max(0, match.start() - 40) : match.start()])[-1].lower()
    if not following or (last in _ENDING and _BEGINNING.match(following)):
        return True
    return last not in _ABBREVIATIONS and not re.fullmatch(r"[a-z]|([a-z]\.)+[a-z]", last)


def sentences(text: str) -> list[Sentence]:
    """The sentences of `text` in order; fragments (headings, short list items) are left out."""
    found: list[Sentence] = []
    for number, block in enumerate(_blocks(text)):
        start = 0
        for match in _END.finditer(block):
            if _is_end(block, match):
                found.append(Sentence(block[start : match.end()].strip(), number))
                start = match.end()
        if rest := block[start:].strip():
            found.append(Sentence(rest, number))
    return found


def tokens(sentence: str) -> list[str]:
    """Words and punctuation; dates, amounts, initials and quoted titles are one token each.

    Remarks in parentheses and the final full stop are left out.
    """
    bare = PARENTHESES.sub("", sentence).strip()
    return _TOKEN.findall(
        bare.rstrip(".") if not re.search(r"\b(?:Inc|Ltd|Co|[A-Z])\.$", bare) else bare
    )


def joined(words: list[str]) -> str:
    """Tokens back to text."""
    return re.sub(r"\s+([,;:.!?%)])", r"\1", " ".join(words))
