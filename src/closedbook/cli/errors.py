"""Our errors as one line on standard error and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from closedbook.errors import BudgetExhausted, ClosedbookError, Terminated, UserError
from closedbook.hints import path_shown

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_ELSEWHERE = (errno.ENOENT, errno.EEXIST, errno.ENOTDIR, errno.EISDIR)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Within the block, an error ends the command."""
    try:
        yield
    except ClosedbookError as error:
        kind = "error" if isinstance(error, UserError) else "stopped"
        sys.stderr.write(f"{kind}: {error}\n")
        raise typer.Exit(_exit_code(error)) from None
    except (OSError, ExceptionGroup) as error:
        cause = _of_the_system(error)
        if cause is None:
            raise
        full = cause.errno in _FULL
        kind, hint = ("stopped" if full else "error", "look at what is there, or give another path")
        if full:
            hint = "free some space, then run again: it goes on from here"
        elif cause.errno in _FORBIDDEN:
            hint = "give yourself the right, or use another folder"
        # What fails while it is written names no file.
        place = path_shown(Path(os.fsdecode(cause.filename))) if cause.filename else "the disk"
        what = (cause.strerror or str(cause)).lower()
        sys.stderr.write(f"{kind}: {place}: {what} ({hint})\n")
        raise typer.Exit(1 if full else 2) from None
    except KeyboardInterrupt as error:
        sys.stderr.write("stopped: what is done is kept; the same command goes on from here\n")
        raise typer.Exit(143 if isinstance(error, Terminated) else 130) from None


def exit_if_any(problems: Iterable[object]) -> None:
    """Every problem as a line; exit code 2 if there is one."""
    told = [f"error: {problem}\n" for problem in problems]
    sys.stderr.writelines(told)
    if told:
        raise typer.Exit(2)


def _of_the_system(error: Exception) -> OSError | None:
    """What the system refuses, if this says so, or everything that a group of tasks ended with: a
    mistake of ours beside it must be seen."""
    if isinstance(error, ExceptionGroup):
        causes = [_of_the_system(item) for item in error.exceptions]
        return None if None in causes else causes[0]
    if not isinstance(error, OSError):
        return None
    told = error.errno in (*_FORBIDDEN, *_FULL) or (error.errno in _ELSEWHERE and error.filename)
    return error if told else None


def _exit_code(error: ClosedbookError) -> int:
    if isinstance(error, UserError):
        return 2
    return 3 if isinstance(error, BudgetExhausted) else 1
