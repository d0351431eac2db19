"""What a message says so that a person recognises it: the name they meant, a path as they see it.

Knows nothing of errors, nor of what has the names.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from contextvars import ContextVar
from pathlib import Path
from shlex import quote

CREDENTIALS = re.compile(r"(?<=://)[^/\s]*@")
GIVEN: ContextVar[str] = ContextVar("GIVEN", default="")
"""The project as the command line has named it; "" where it is the current folder."""
MOST = 15
"""Names that are told at most."""


def did_you_mean(name: str, known: Iterable[str], *, untold: str = "") -> str:
    """The closest known name, or those there are, but for names that begin with `untold`."""
    names = sorted(set(known))
    close = [item for item in names if len(name) > 1 and name in _shortened(item)]
    close = close or difflib.get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    told = [item for item in names if not untold or not item.startswith(untold)]
    more = ", ..." if len(told) > MOST else ""
    return f"known here: {', '.join(told[:MOST]) or 'none'}{more}"


def _shortened(name: str) -> list[str]:
    """What a person may call it for short: its initials, or one of its words."""
    words = name.split("_")
    return ["".join(word[:1] for word in words), *words]


def command(words: str) -> str:
    """A command of ours, to be typed where this one was."""
    project = GIVEN.get()
    return f"closedbook {words}" + (f" -p {quote(project)}" if project else "")


def counted(number: int, what: str) -> str:
    """1 document, 2 documents."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def path_shown(path: Path) -> str:
    """Without detours, and from the current directory where it lies inside it."""
    straight = path.resolve() if ".." in path.parts else path
    if not straight.is_absolute():
        return str(straight)
    here = Path.cwd()
    return str(straight.relative_to(here)) if straight.is_relative_to(here) else str(straight)


def addresses_shown(text: str) -> str:
    """Without the users and passwords in them."""
    return CREDENTIALS.sub("", text)
