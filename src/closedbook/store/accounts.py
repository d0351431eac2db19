"""Accounts: what was asked, what came of it and what it took, read from a journal.

Reads only, on a connection of its own, so it may be asked while a run is writing. Every call is
counted once, as paid for an answer or as wasted. What a call cost in money was written with it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal, NamedTuple

from closedbook.errors import UserError
from closedbook.hints import command
from closedbook.records import Completion
from closedbook.store.journal import Call, decoded
from closedbook.store.journal_file import MODEL_BY_ANSWER, faults, read_only, schema_of
from closedbook.store.place import journal_path

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
    coalesce(sum(seconds), 0.0),
    iif(count(*), sum(usd), 0.0),
    sum(usd) FILTER (WHERE prompt_tokens IS NOT NULL AND completion_tokens IS NOT NULL),
    count(*) FILTER (WHERE usd IS NULL)
"""
SPENT = """
    count(*),
    coalesce(sum(coalesce(prompt_tokens + completion_tokens, most_tokens,
        prompt_tokens, completion_tokens)), 0),
    coalesce(sum(usd), 0.0),
    coalesce(sum(prompt_tokens) FILTER (WHERE usd IS NULL), 0),
    coalesce(sum(completion_tokens) FILTER (WHERE usd IS NULL), 0)
"""
CALL = "step, document, outcome, seconds, prompt_tokens, completion_tokens"
SINCE_3 = "usd, most_tokens"
SINCE_BEGUN = 4
SINCE_CRC = 5
LEAST_DIGITS = 7


@dataclass(frozen=True, slots=True)
class Totals:
    """The calls of one step, model or document, or all of them (`name` is "").

    `requests` counts every call sent, `wasted` those of them that got no answer; `prompt_tokens`
    and `completion_tokens` are of the others, `wasted_tokens` of these. `uncounted` calls came
    without a count of tokens, so the true sums may be higher. `seconds` adds up calls that ran at
    the same time. `usd` holds the most that uncounted calls can have cost, `known_usd` is of the
    others; each is None if no call of these had a price, and holds nothing of `unpriced` calls.
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
    usd: float | None = None
    known_usd: float | None = None
    unpriced: int = 0


@dataclass(frozen=True, slots=True)
class Spent:
    """Everything ever sent to one model, wasted or not; of calls without a count, the most that
    they can have taken. `unpriced` tokens were spent when the model had no price."""

    model: str
    requests: int
    tokens: int
    usd: float
    unpriced_prompt_tokens: int
    unpriced_completion_tokens: int


class Pace(NamedTuple):
    """Seconds that an answer took, wasted calls included; and between two answers, while any call
    was on its way."""

    each: float
    apart: float


class Listed(NamedTuple):
    """One answer and what all calls for it took together; `key` is as much of it in hexadecimal as
    tells it from every other now."""

    key: str
    step: str
    document: str
    outcome: str
    prompt_tokens: int
    completion_tokens: int
    usd: float | None


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer and every call made for it; `key` is in hexadecimal."""

    key: str
    model: str
    answer: Completion
    calls: tuple[Call, ...]


def journal_of(project: Path, *, rehearsal: bool = False) -> Path:
    """The journal of a project folder; the built-in teacher's if `rehearsal`, or if there is no
    other. Raises UserError if nothing was journalled yet."""
    built_in = journal_path(project, rehearsal=True)
    path = built_in if rehearsal else journal_path(project, rehearsal=False)
    if path.exists():
        return path
    if not rehearsal and built_in.exists():
        return built_in
    hint = f"{command('run')} asks the teacher; every answer is then kept there"
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


def pace(path: Path) -> Pace | None:
    """How fast answers came, of all models together; None without any. Raises JournalError."""
    with _opened(path) as (connection, _):
        taken = busy = until = 0.0
        query = "SELECT at - seconds AS since, at, seconds FROM calls ORDER BY since"
        for since, at, seconds in connection.execute(query):
            taken += seconds
            busy += max(0.0, at - max(since, until))
            until = max(until, at)
        (count,) = connection.execute("SELECT count(*) FROM calls WHERE outcome = 'ok'").fetchone()
    return Pace(taken / count, busy / count) if count else None


def answers(path: Path, step: str = "", document: str = "") -> Iterator[Listed]:
    """Every answer, in the order they came, of the steps and documents whose names hold these
    words. Raises JournalError."""
    with _opened(path) as (connection, calls):
        keys = [key.hex() for (key,) in connection.execute("SELECT key FROM answers ORDER BY key")]
        digits = LEAST_DIGITS
        for key, following in pairwise(keys):
            while key[:digits] == following[:digits]:
                digits += 1
        # Beside max(), SQLite takes the other columns from the row that has it: the last call.
        columns = "step, document, outcome, coalesce(sum(prompt_tokens), 0)"
        columns += ", coalesce(sum(completion_tokens), 0), sum(usd), max(id)"
        wanted = "instr(step, ?) AND instr(document, ?) AND key IN (SELECT key FROM answers)"
        query = f"SELECT key, {columns} FROM {calls} WHERE {wanted} GROUP BY key ORDER BY max(id)"  # noqa: S608
        for key, *told, _ in connection.execute(query, (step, document)):
            yield Listed(key.hex()[:digits], *told)


def on_their_way(path: Path) -> int:
    """Attempts that were begun and of which nothing is known yet: a run is waiting for them, or was
    killed. The next run counts the latter as wasted. Raises JournalError."""
    with _opened(path) as (connection, _):
        if schema_of(connection, path) < SINCE_BEGUN:
            return 0
        (count,) = connection.execute("SELECT count(*) FROM begun").fetchone()
        return int(count)


def spent(path: Path) -> list[Spent]:
    """What was ever spent, by model. Raises JournalError, and UserError without a journal."""
    with _opened(path) as (connection, calls):
        rows = connection.execute(f"SELECT model, {SPENT} FROM {calls} GROUP BY 1")  # noqa: S608
        return [Spent(*row) for row in rows]


def find(path: Path, key_prefix: str) -> Answered:
    """The one answer whose key begins with `key_prefix` (hexadecimal). Raises UserError if there
    is none or more than one, JournalError."""
    low, high = _range(key_prefix)
    with _opened(path) as (connection, calls):
        crc = "crc" if schema_of(connection, path) >= SINCE_CRC else "NULL"
        found = connection.execute(
            f"SELECT key, model, response, {crc} FROM answers"  # noqa: S608
            " WHERE key BETWEEN ? AND ? LIMIT 2",
            (low, high),
        ).fetchall()
        if len(found) != 1:
            problem = "more than one answer" if found else "no answer"
            hint = "give more of the key" if found else _list_of_keys()
            raise UserError(
                f"{path}: {problem} has a key that begins with {key_prefix!r}",
                hint=hint,
            )
        ((key, model, *response),) = found
        rows = connection.execute(
            f"SELECT {CALL}, model, {SINCE_3} FROM {calls} WHERE key = ? ORDER BY id",  # noqa: S608
            (key,),
        )
        made = tuple(Call(*row) for row in rows)
    return Answered(key.hex(), model, decoded(path, key, *response), made)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[sqlite3.Connection, str]]:
    """The journal, and where to read its calls from: in a file of an earlier schema they lack
    columns."""
    with faults(path, "cannot be read"), closing(read_only(path)) as connection:
        version = schema_of(connection, path)
        if version == 0:
            raise UserError(f"{path}: no journal yet: nothing was asked")
        model = f"{MODEL_BY_ANSWER} AS model" if version < 2 else "model"
        later = "NULL AS usd, NULL AS most_tokens" if version < 3 else SINCE_3
        calls = f"(SELECT id, key, {CALL}, {model}, {later} FROM calls)"  # noqa: S608
        # One view of the file, whatever a run commits meanwhile.
        connection.execute("BEGIN")
        yield connection, calls


def _range(prefix: str) -> tuple[bytes, bytes]:
    """The lowest and the highest key of 20 bytes that begins with these digits."""
    odd = len(prefix) % 2
    try:
        return bytes.fromhex(prefix + "0" * odd), bytes.fromhex(prefix + "f" * odd) + b"\xff" * 20
    except ValueError:
        hint = f"a key is written in hexadecimal digits; {_list_of_keys()}"
        raise UserError(f"{prefix!r} is no key", hint=hint) from None


def _list_of_keys() -> str:
    return f"all keys: {command('journal --by answer')}"


def _tokens(item: Totals) -> int:
    return item.prompt_tokens + item.completion_tokens + item.wasted_tokens
