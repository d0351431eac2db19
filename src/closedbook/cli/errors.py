"""Our errors as one line on standard error and an exit code."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from closedbook.errors import BudgetExhausted, ClosedbookError, UserError
from closedbook.hints import path_shown

_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


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
        if cause is None or cause.errno not in (*_FORBIDDEN, *_FULL):
            raise
        forbidden = cause.errno in _FORBIDDEN
        kind, hint = ("stopped", "free some space, then run again: it goes on from here")
        if forbidden:
            kind, hint = ("error", "give yourself the right, or use another folder")
        # What fails while it is written names no file.
        place = path_shown(Path(os.fsdecode(cause.filename))) if cause.filename else "the disk"
        what = (cause.strerror or str(cause)).lower()
        sys.stderr.write(f"{kind}: {place}: {what} ({hint})\n")
        raise typer.Exit(2 if forbidden else 1) from None
    except KeyboardInterrupt:
        sys.stderr.write("stopped: what is done is kept; the same command goes on from here\n")
        raise typer.Exit(130) from None


def exit_if_any(problems: Iterable[object]) -> None:
    """Every problem as a line; exit code 2 if there is one."""
    told = [f"error: {problem}\n" for problem in problems]
    sys.stderr.writelines(told)
    if told:
        raise typer.Exit(2)


def _of_the_system(error: Exception) -> OSError | None:
    """The error of the system that this is, or that a group of tasks ended with."""
    if isinstance(error, ExceptionGroup):
        return next(filter(None, map(_of_the_system, error.exceptions)), None)
    return error if isinstance(error, OSError) else None


def _exit_code(error: ClosedbookError) -> int:
    if isinstance(error, UserError):
        return 2
    return 3 if isinstance(error, BudgetExhausted) else 1
