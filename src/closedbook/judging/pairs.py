"""Pairs that are right, to be spoiled: generated ones, or sentences of the documents as answers.

A generated pair has passed a judge already; a sentence of the document is right by construction,
and easier to judge than an answer in other words.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, zip_longest
from pathlib import Path
from typing import Literal

from closedbook.errors import InputError
from closedbook.hints import command
from closedbook.judging.words import names_in, numbers_in
from closedbook.records import Document, QAPair
from closedbook.store import read_rows

Source = Literal["generated", "documents"]
FROM_DOCUMENTS = "documents"
"""The flow of pairs that no flow made."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
_POINTING = re.compile(r"(It|He|She|They|Its|His|Her|Their|This|These|That|Those|There|But|And)\b")
_SHORTEST, _LONGEST = 5, 40
"""Words of a sentence that is taken."""


def sound_pairs(
    generated: Path,
    documents: Mapping[str, Document],
    source: Source | None,
    wanted: int,
    seed: int,
) -> list[QAPair]:
    """So many pairs about `documents` (by id). Raises InputError if generated ones are wanted, and
    there are none in the folder `generated`."""
    file = generated / "pairs.jsonl"
    if source == "generated" and not file.is_file():
        raise InputError(
            "there are no generated pairs", hint=f"{command('run generate')}, or --from documents"
        )
    if source != "documents" and file.is_file():
        own = [pair for pair in read_rows(file, QAPair) if pair.document_id in documents]
        if own or source == "generated":
            return drawn(own, wanted, seed)
    return drawn(pairs_of(documents.values()), wanted, seed)


def pairs_of(documents: Iterable[Document]) -> Iterator[QAPair]:
    """A pair for every sentence that names somebody or something, or a number, and stands alone."""
    for document in documents:
        for sentence in _SENTENCE.split(" ".join(document.text.split())):
            about = next(iter(names_in(sentence)), "")
            short = not _SHORTEST <= len(sentence.split()) <= _LONGEST
            if short or not about or _POINTING.match(sentence) or not sentence.endswith("."):
                continue
            asked = "which number is given for" if numbers_in(sentence) else "what is said of"
            yield QAPair(
                document_id=document.id,
                flow=FROM_DOCUMENTS,
                question=f'In "{document.title}", {asked} {about}?',
                answer=sentence,
                evidence=sentence,
            )


def drawn(pairs: Iterable[QAPair], wanted: int, seed: int) -> list[QAPair]:
    """So many pairs at random, the documents taking turns."""
    by_document: Mapping[str, list[QAPair]] = defaultdict(list)
    for pair in pairs:
        by_document[pair.document_id].append(pair)
    chance = random.Random(seed)
    listed = [sorted(own, key=lambda pair: pair.id) for own in by_document.values()]
    chance.shuffle(listed)
    for own in listed:
        chance.shuffle(own)
    turns = (pair for turn in zip_longest(*listed) for pair in turn if pair)
    return list(islice(turns, wanted))
