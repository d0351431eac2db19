"""General conversations that keep older abilities: a file, or a dataset of the Hugging Face Hub.

Three forms are read: `messages` (role, content), `conversations` (from, value), and a prompt beside
its answer. A line of a file that is none is an InputError with file:line; such a row of a dataset,
which nobody here can mend, is a refusal with its number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError

from closedbook.errors import InputError, MissingExtra, StepError
from closedbook.records import Message
from closedbook.store.numbered import NumberedRows, Pile

DATASET = "hf:"
HINT = 'each line: {"messages": [{"role": "user", "content": "..."}, ...]}'
PROMPTS = (("input", "output"), ("prompt", "response"), ("instruction", "output"))
SPEAKERS = {"human": "user", "gpt": "assistant"}
Turns = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Conversations by number, from the lines of a file or the rows of a dataset; `where` names
    it."""

    rows: NumberedRows[dict[str, Any]] | Pile
    where: str

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> Turns:
        """Raises InputError (a file's line) or StepError (a dataset's row)."""
        row = self.rows[number]
        try:
            return turns_of(orjson.loads(row) if isinstance(row, bytes) else row)
        except ValueError as problem:
            if isinstance(row, bytes):
                raise StepError(
                    "no chat row", hint=f"{self.where} row {number}: {problem}"
                ) from None
            place = f"{self.where}:{number + 1}"
            raise InputError(f"{place}: no chat row: {problem}", hint=HINT) from None


@contextmanager
def open_replay(where: Path | str, folder: Path) -> Iterator[Replay]:
    """A file, or "hf:OWNER/DATASET[:SPLIT]", which is laid down in `folder`. Raises InputError for
    the first line of a file that is none, or where there is no such dataset; MissingExtra."""
    if isinstance(where, str):
        with _downloaded(where, folder) as pile:
            yield Replay(pile, where)
        return
    with NumberedRows(where, dict[str, Any]) as lines:
        replay = Replay(lines, str(where))
        for number in range(len(replay)):
            _ = replay[number]
        yield replay


def check_replay(file: Path) -> None:
    """Reads all of a file; raises InputError with file:line."""
    with open_replay(file, file.parent):
        """Opening it checks it."""


def turns_of(row: Mapping[str, Any]) -> Turns:
    """The conversation of a row. Raises ValueError that says what is missing."""
    told = row.get("messages") or _speeches(row) or _prompted(row)
    if not told:
        raise ValueError(f"messages: no such key, but {', '.join(sorted(row)[:6]) or 'none'}")
    try:
        turns = _TURNS.validate_python(told)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, ("messages", *problem["loc"])))
        raise ValueError(f"{where}: {problem['msg']}") from None
    if not any(turn.role == "assistant" and turn.content.strip() for turn in turns):
        raise ValueError("no assistant turn")
    return turns


_TURNS = TypeAdapter(tuple[Message, ...])


def _speeches(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    told = row.get("conversations")
    if not isinstance(told, list):
        return []
    return [
        {
            "role": SPEAKERS.get(str(turn.get("from")), turn.get("from")),
            "content": turn.get("value"),
        }
        for turn in told
        if isinstance(turn, dict)
    ]


def _prompted(row: Mapping[str, Any]) -> list[Any]:
    for question, answer in PROMPTS:
        asked, said = row.get(question), row.get(answer)
        if asked and isinstance(said, str):
            before = asked if isinstance(asked, list) else [{"role": "user", "content": asked}]
            return [*before, {"role": "assistant", "content": said}]
    return []


def _downloaded(where: str, folder: Path) -> Pile:
    if find_spec("datasets") is None:
        raise MissingExtra("replay", "datasets")
    import datasets  # type: ignore[import-untyped]

    name, _, split = where.removeprefix(DATASET).partition(":")
    try:
        rows = datasets.load_dataset(name, split=split or "train")
    except Exception as error:
        first = str(error).strip().split("\n", 1)[0]
        hint = "mix.replay: hf:OWNER/DATASET[:SPLIT], or a file"
        raise InputError(f"no dataset at {where!r}: {first}", hint=hint) from error
    pile = Pile(folder)
    for row in rows:
        pile.put(orjson.dumps(row, default=str))
    return pile
