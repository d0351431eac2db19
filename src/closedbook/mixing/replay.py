"""General conversations that keep older abilities: a file, or a dataset of the Hugging Face Hub.

Three forms are read: `messages` (role, content), `conversations` (from, value), and a prompt beside
its answer. A line of a file that is none is an InputError with file:line; such a row of a dataset,
which nobody here can mend, is a refusal with its number.
"""

from __future__ import annotations

import re
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
COMMIT = re.compile("[0-9a-f]{40}")
HINT = 'each line: {"messages": [{"role": "user", "content": "..."}, ...]}'
PROMPTS = (("input", "output"), ("prompt", "response"), ("instruction", "output"))
SPEAKERS = {"human": "user", "gpt": "assistant"}
Turns = tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """Conversations by number, from the lines of a file or the rows of a dataset; `where` names
    it, a dataset of the Hub with the commit that was read."""

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
    """A file, or "hf:OWNER/DATASET[@REVISION][:SPLIT]", which is laid down in `folder`. Raises
    InputError for the first line of a file that is none, or where there is no such dataset;
    MissingExtra."""
    if isinstance(where, str):
        pile, pinned = _downloaded(where, folder)
        with pile:
            yield Replay(pile, pinned)
        return
    with NumberedRows(where, dict[str, Any]) as lines:
        replay = Replay(lines, str(where))
        for number in range(len(replay)):
            _ = replay[number]
        yield replay


def replay_problems(file: Path) -> Iterator[InputError]:
    """What is wrong with every line of a file."""
    with NumberedRows(file, dict[str, Any]) as lines:
        replay = Replay(lines, str(file))
        for number in range(len(replay)):
            try:
                _ = replay[number]
            except InputError as error:
                yield error


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


def _downloaded(where: str, folder: Path) -> tuple[Pile, str]:
    """The rows, and the name under which the same rows are found again."""
    if find_spec("datasets") is None:
        raise MissingExtra("replay", "datasets")
    import datasets  # type: ignore[import-untyped]

    place, _, split = where.removeprefix(DATASET).partition(":")
    name, _, revision = place.partition("@")
    try:
        builder = datasets.load_dataset_builder(name, revision=revision or None)
        builder.download_and_prepare()
        rows = builder.as_dataset(split=split or "train")
    except Exception as error:
        first = str(error).strip().split("\n", 1)[0]
        hint = "mix.replay: hf:OWNER/DATASET[@REVISION][:SPLIT], or a file"
        raise InputError(f"no dataset at {where!r}: {first}", hint=hint) from error
    found = str(builder.hash)
    if COMMIT.fullmatch(revision) and found != revision:
        # Without a connection the library takes what it has, whatever was asked for.
        raise InputError(f"{where}: the Hub is not reached, and the cache holds {found}")
    pile = Pile(folder)
    for row in rows:
        pile.put(orjson.dumps(row, default=str))
    # Of a folder there is no commit.
    at = f"@{found}" if COMMIT.fullmatch(found) else f"@{revision}" if revision else ""
    return pile, f"{DATASET}{name}{at}" + (f":{split}" if split else "")
