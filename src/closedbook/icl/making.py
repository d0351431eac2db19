"""Examples made by a flow from a project's own documents, for a person to edit.

Knows what the rows of such a flow hold, not how it asks.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from closedbook.engine import Account, Yield
from closedbook.errors import InputError, UserError
from closedbook.events import Emit
from closedbook.flows import Flow
from closedbook.flows.stage import FlowStage
from closedbook.hints import path_shown
from closedbook.icl.example import KINDS, Asked, Example, write_examples
from closedbook.records import Document

RUN = 5
TRIES = 4
"""Documents asked for each example that is wanted, before giving up."""


@dataclass(frozen=True, slots=True)
class MadeExamples:
    """What was written, of so many `documents` that were asked, and why some gave none, counted."""

    file: Path
    examples: tuple[Example, ...]
    documents: int
    reasons: Mapping[str, int]


def make_examples(
    documents: Sequence[Document],
    flow: Flow,
    account: Account,
    file: Path,
    emit: Emit,
    *,
    wanted: int,
    seed: int,
) -> MadeExamples:
    """Ask `flow` about documents of every domain in turn until `wanted` examples are whole, and
    write them to `file`.

    Raises UserError if the file is there already, InputError if no example came out, and RunError
    as a stage does.
    """
    refuse_to_overwrite(file)
    stage = FlowStage("icl", [flow], account)
    found: list[Example] = []
    reasons: Counter[str] = Counter()
    to_ask = waiting = drawn(documents, seed)[: TRIES * wanted]
    while waiting and len(found) < wanted:
        missing = wanted - len(found)
        asked, waiting = waiting[:missing], waiting[missing:]
        for document, (given,) in zip(asked, stage.ask(asked, emit), strict=True):
            whole = next(_examples(document, given), None)
            if whole is None:
                reasons.update(_reasons(given))
            elif whole.document in [example.document for example in found]:
                reasons["the same passage again"] += 1
            else:
                found.append(whole)
    if not found:
        told = ", ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
        raise InputError(f"no example was made: {told or 'there are no documents'}")
    write_examples(file, found)
    return MadeExamples(file, tuple(found), len(to_ask) - len(waiting), reasons)


def refuse_to_overwrite(file: Path) -> None:
    """Raises UserError if the file is there."""
    if file.exists():
        hint = "edit it, or make another one: --set icl.file=OTHER.yaml"
        raise UserError(f"{path_shown(file)} exists already and is never overwritten", hint=hint)


def drawn(documents: Sequence[Document], seed: int) -> list[Document]:
    """All documents at random, the domains taking turns."""
    by_domain: dict[str, list[Document]] = defaultdict(list)
    shuffled = sorted(documents, key=lambda document: document.source)
    random.Random(seed).shuffle(shuffled)
    for document in shuffled:
        by_domain[document.domain].append(document)
    turns = zip_longest(*(listed for _, listed in sorted(by_domain.items())))
    return [document for turn in turns for document in turn if document]


def _examples(document: Document, given: Yield) -> Iterator[Example]:
    """One for each passage that has a pair of every kind."""
    by_passage: dict[str, dict[str, Asked]] = defaultdict(dict)
    for row in given.rows:
        pair = Asked(question=row.columns["question"], answer=row.columns["answer"])
        by_passage[row.columns["passage"]].setdefault(row.columns["kind"].strip().lower(), pair)
    for passage, pairs in by_passage.items():
        if all(kind in pairs for kind in KINDS):
            of_kind = {kind: pairs[kind] for kind in KINDS}
            source = document.source if _shares_words(passage, document.text) else ""
            yield Example(domain=document.domain, source=source, document=passage, **of_kind)


def _shares_words(passage: str, text: str) -> bool:
    """Whether any `RUN` words in a row of the passage are in the text; an invented one has none."""
    told, words = f" {' '.join(text.split())} ", passage.split()
    last = max(1, len(words) - RUN + 1)
    return any(f" {' '.join(words[at : at + RUN])} " in told for at in range(last))


def _reasons(given: Yield) -> list[str]:
    found = [f"{item.step.partition('/')[2]}: {item.reason}" for item in given.rejections]
    found += ["no answer of the endpoint" for _ in given.unanswered]
    return found or ["a kind of question is missing"]
