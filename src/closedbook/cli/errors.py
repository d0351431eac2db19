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
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Within the block, an error ends the command."""
    try:
        yield
    except ClosedbookError as error:
        kind = "error" if isinstance(error, UserError) else "stopped"
        sys.stderr.write(f"{kind}: {error}\n")
        raise typer.Exit(_exit_code(error)) from None
    except OSError as error:
        if error.errno not in (*_FORBIDDEN, *_FULL) or error.filename is None:
            raise
        what = (error.strerror or str(error)).lower()
        place = path_shown(Path(os.fsdecode(error.filename)))
        kind, hint = ("stopped", "free some space, then run again")
        if error.errno in _FORBIDDEN:
            kind, hint = ("error", "give yourself the right, or use another folder")
        sys.stderr.write(f"{kind}: {place}: {what} ({hint})\n")
        raise typer.Exit(2 if error.errno in _FORBIDDEN else 1) from None
    except KeyboardInterrupt:
        sys.stderr.write("stopped: what is done is kept; the same command goes on from here\n")
        raise typer.Exit(130) from None


def exit_if_any(problems: Iterable[object]) -> None:
    """Every problem as a line; exit code 2 if there is one."""
    told = [f"error: {problem}\n" for problem in problems]
    sys.stderr.writelines(told)
    if told:
        raise typer.Exit(2)


def _exit_code(error: ClosedbookError) -> int:
    if isinstance(error, UserError):
        return 2
    return 3 if isinstance(error, BudgetExhausted) else 1
