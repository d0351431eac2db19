"""Text as a student shall see it: composed characters, plain newlines, nothing invisible.

Knows no format and changes no word. Invariant: cleaning clean text changes nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_NEWLINES = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")
_FIXED_SPACES = re.compile("[\u00a0\u2007\u202f]")
_BLANK_LINES = re.compile("\n{4,}")

_FENCE = re.compile(r"\s{0,3}(```|~~~)")
_HEADING = re.compile(r"#{1,6}\s+(.*?)(?:\s+#+)?\s*$")
_UNDERLINE = re.compile(r"={3,}\s*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_ANCHOR = re.compile(r"\s*\{[#.][^}]*\}$")
_LONGEST_TITLE = 200


def clean_text(text: str) -> str:
    """NFC, `\\n` newlines, no control or zero-width characters, no trailing spaces, at most two
    blank lines in a row."""
    text = _NEWLINES.sub("\n", text)
    text = _INVISIBLE.sub("", text)
    text = _FIXED_SPACES.sub(" ", text)
    text = unicodedata.normalize("NFC", text)
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _BLANK_LINES.sub("\n\n\n", text).strip("\n")


def clean_title(title: str) -> str:
    """A title on one line, cut at a word after at most 200 characters."""
    title = " ".join(clean_text(title).split())
    if len(title) <= _LONGEST_TITLE:
        return title
    return title[:_LONGEST_TITLE].rsplit(" ", 1)[0] + "…"


def headings(markdown: str, *, underlined: bool = False) -> Iterator[tuple[int, int, str]]:
    """Offset, level and words of each heading outside code that is marked by #, or `underlined`."""
    fenced, before, offset = False, "", 0
    for line in markdown.splitlines(keepends=True):
        if _FENCE.match(line):
            fenced = not fenced
        elif not fenced and (match := _HEADING.match(line)) and (words := _words(match[1])):
            yield offset, len(line) - len(line.lstrip("#")), words
        elif underlined and not fenced and before and _UNDERLINE.fullmatch(line):
            yield offset, 1, _words(before)
        before = line.strip()
        offset += len(line)


def first_heading(markdown: str) -> str:
    """The words of the first Markdown heading outside code, "" if there is none."""
    return next((words for _, _, words in headings(markdown, underlined=True)), "")


def _words(heading: str) -> str:
    plain = _ANCHOR.sub("", _LINK.sub(r"\1", heading))
    return plain.replace("**", "").replace("`", "").strip()


def readable_name(stem: str) -> str:
    """A file name as a title: `river-alba_history` is "River alba history"."""
    words = " ".join(re.sub(r"[-_]+", " ", stem).split()) or stem
    return words[0].upper() + words[1:]
