"""Accounts: what was asked, what came of it and what it took, read from a journal.

Reads only, on a connection of its own, so it may be asked while a run is writing. Knows tokens and
seconds, not prices. Every call is counted once, as paid for an answer or as wasted.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from closedbook.errors import UserError
from closedbook.records import Completion
from closedbook.store.journal import Call, decoded
from closedbook.store.journal_file import MODEL_BY_ANSWER, faults, read_only, schema_of

By = Literal["step", "model", "document"]

# The columns of Totals after its name. The tokens of wasted calls stand apart from the others.
SUMS = """
    count(*),
    count(DISTINCT key) FILTER (WHERE outcome = 'ok'),
    count(*) FILTER (WHERE outcome <> 'ok'),
    coalesce(sum(prompt_tokens) FILTER (WHERE outcome = 'ok'), 0),
    coalesce(sum(completion_tokens) FILTER (WHERE outcome = 'ok'), 0),
    coalesce(sum(coalesce(prompt_tokens, 0) + coalesce(completion_tokens, 0))
        FILTER (WHERE outcome <> 'ok'), 0),
    count(*) FILTER (WHERE prompt_tokens IS NULL OR completion_tokens IS NULL),
    coalesce(sum(seconds), 0.0)
"""
SPENT = """
SELECT count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0),
    count(*) FILTER (WHERE prompt_tokens IS NULL OR completion_tokens IS NULL)
FROM calls
"""
COLUMNS = "step, document, outcome, seconds, prompt_tokens, completion_tokens"


@dataclass(frozen=True, slots=True)
class Totals:
    """The calls of one step, model or document, or all of them (`name` is "").

    `requests` counts every call sent, `wasted` those of them that got no answer; `prompt_tokens`
    and `completion_tokens` are of the others, `wasted_tokens` of these. `uncounted` calls came
    without a count of tokens, so the true sums are higher. `seconds` adds up calls that ran at the
    same time.
    """

    name: str
    requests: int
    answers: int
    wasted: int
    prompt_tokens: int
    completion_tokens: int
    wasted_tokens: int
    uncounted: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Spent:
    """Everything ever sent, wasted or not; `uncounted` requests came without a count of tokens."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    uncounted: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer and every call made for it; `key` is in hexadecimal."""

    key: str
    model: str
    answer: Completion
    calls: tuple[Call, ...]


def journal_of(project: Path, *, rehearsal: bool = False) -> Path:
    """The journal of a project folder. Raises UserError if nothing was journalled yet."""
    names = ("rehearsal.sqlite", "journal.sqlite")
    mine, other = names if rehearsal else reversed(names)
    path = project / ".closedbook" / mine
    if path.exists():
        return path
    if path.with_name(other).exists():
        hint = "leave out --rehearsal" if rehearsal else "--rehearsal reads the rehearsal's"
    else:
        hint = "closedbook run asks the teacher; every answer is then kept there"
    raise UserError(f"{path}: no journal yet", hint=hint)


def totals(path: Path, by: By) -> list[Totals]:
    """What each step, model or document took, the dearest in tokens first. Raises JournalError."""
    with _opened(path) as (connection, calls):
        rows = connection.execute(f"SELECT {by}, {SUMS} FROM {calls} GROUP BY 1")  # noqa: S608
        found = [Totals(*row) for row in rows]
    return sorted(found, key=lambda item: (-_tokens(item), -item.requests, item.name))


def overall(path: Path) -> Totals:
    """What all calls took together. Raises JournalError."""
    with _opened(path) as (connection, calls):
        row = connection.execute(f"SELECT '', {SUMS} FROM {calls}").fetchone()  # noqa: S608
        return Totals(*row)


def spent(path: Path) -> Spent:
    """What was ever spent; nothing if there is no journal yet. Raises JournalError."""
    if not path.exists():
        return Spent()
    with faults(path, "cannot be read"), closing(read_only(path)) as connection:
        if schema_of(connection, path) == 0:
            return Spent()
        return Spent(*connection.execute(SPENT).fetchone())


def find(path: Path, key_prefix: str) -> Answered:
    """The one answer whose key begins with `key_prefix` (hexadecimal). Raises UserError if there
    is none or more than one, JournalError."""
    low, high = _range(key_prefix)
    with _opened(path) as (connection, calls):
        found = connection.execute(
            "SELECT key, model, response FROM answers WHERE key BETWEEN ? AND ? LIMIT 2",
            (low, high),
        ).fetchall()
        if len(found) != 1:
            problem = "more than one answer" if found else "no answer"
            raise UserError(
                f"{path}: {problem} has a key that begins with {key_prefix!r}",
                hint="give more of the key" if found else "",
            )
        ((key, model, response),) = found
        rows = connection.execute(
            f"SELECT {COLUMNS}, model FROM {calls} WHERE key = ? ORDER BY id",  # noqa: S608
            (key,),
        )
        made = tuple(Call(*row) for row in rows)
    return Answered(key.hex(), model, decoded(path, response), made)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[sqlite3.Connection, str]]:
    """The journal and where to read its calls with their model from."""
    with faults(path, "cannot be read"), closing(read_only(path)) as connection:
        version = schema_of(connection, path)
        if version == 0:
            raise UserError(f"{path}: no journal yet: nothing was asked")
        if version == 1:
            calls = f"(SELECT id, key, {COLUMNS}, {MODEL_BY_ANSWER} AS model FROM calls)"  # noqa: S608
        else:
            calls = "calls"
        # One view of the file, whatever a run commits meanwhile.
        connection.execute("BEGIN")
        yield connection, calls


def _range(prefix: str) -> tuple[bytes, bytes]:
    """The lowest and the highest key of 20 bytes that begins with these digits."""
    odd = len(prefix) % 2
    try:
        return bytes.fromhex(prefix + "0" * odd), bytes.fromhex(prefix + "f" * odd) + b"\xff" * 20
    except ValueError:
        raise UserError(
            f"{prefix!r} is no key", hint="a key is written in hexadecimal digits"
        ) from None


def _tokens(item: Totals) -> int:
    return item.prompt_tokens + item.completion_tokens + item.wasted_tokens
