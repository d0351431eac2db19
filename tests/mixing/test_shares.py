"""Whatever sources hold: shares are kept within one row, nothing comes twice unasked, caps hold."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closedbook.config import MixSource
from closedbook.errors import StepError
from closedbook.mixing.pool import Encoding, Pool, Until
from closedbook.mixing.shares import Sharing
from closedbook.records import Message, Rejection, TrainingRow
from closedbook.store.numbered import Pile
from closedbook.students import REHEARSAL_STUDENT
from closedbook.students.encode import Encoded
from closedbook.students.student import load_tokenizer

NAMES = "abcd"
TOKENIZER = load_tokenizer(REHEARSAL_STUDENT)
LENGTHS = st.lists(st.integers(1, 50), min_size=1, max_size=30)


class Lengths(Encoding):
    """Rows are as long as they say."""

    def of(self, rows: Sequence[TrainingRow | StepError]) -> list[Encoded | StepError]:
        texts = [row.messages[0].content for row in rows if isinstance(row, TrainingRow)]
        return [Encoded(range(int(text)), range(int(text))) for text in texts]


def amounts(
    sources: Sequence[MixSource],
    held: Sequence[Sequence[int]],
    *,
    by_rows: bool,
    budget: int | None,
) -> tuple[Mapping[str, Pool], dict[str, int]]:
    """The pools and what each gives, where sources hold rows of these lengths."""
    pools = {source.name: Pool(source) for source in sources}
    lengths = dict(zip(pools, held, strict=True))
    with tempfile.TemporaryDirectory() as folder, Pile(Path(folder)) as pile:
        encoding = Lengths(TOKENIZER, 64, pile, lambda _: None)

        def fill(pool: Pool, until: Until) -> None:
            def one_pass(_: random.Random) -> Iterator[TrainingRow]:
                for length in lengths[pool.source.name]:
                    yield TrainingRow("a", (Message("assistant", str(length)),))

            pool.fill(one_pass, encoding, random.Random(0), until)

        return pools, Sharing(pools, by_rows, budget).amounts(fill)


@given(
    st.integers(2, 4).flatmap(
        lambda n: st.tuples(
            st.lists(LENGTHS, min_size=n, max_size=n),
            st.lists(st.integers(1, 9), min_size=n, max_size=n),
        )
    ),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(1, 500),
)
@settings(max_examples=100)
def test_shares_are_within_one_row_of_the_ratio(
    given_: tuple[list[list[int]], list[int]], by_rows: bool, repeat: bool, budget: int | None
) -> None:
    held, weights = given_
    sources = [
        MixSource(name=name, of="pairs", share=weight / sum(weights), repeat=repeat)
        for name, weight in zip(NAMES, weights, strict=False)
    ]
    pools, rows = amounts(sources, held, by_rows=by_rows, budget=budget)
    shares = {name: pool.source.share for name, pool in pools.items()}
    for name, lengths in zip(NAMES, held, strict=False):
        assert repeat or rows[name] <= len(lengths)
    tokens = {name: pool.tokens[rows[name]] for name, pool in pools.items()}
    if by_rows:
        total = sum(rows.values())
        assert all(abs(rows[name] - float(shares[name]) * total) < 1 for name in rows)
        assert budget is None or sum(tokens.values()) <= budget
    else:
        # By tokens a share ends with the row that fills it: what all want is between them.
        lows = [
            (tokens[name] - max(lengths) - 0.5) / float(shares[name])
            for name, lengths in zip(NAMES, held, strict=False)
        ]
        highs = [(tokens[name] + 0.5) / float(shares[name]) for name in tokens]
        assert max(lows) <= min(highs)


@given(LENGTHS, st.lists(st.integers(1, 50), max_size=20))
def test_what_is_all_gives_all_and_the_rest_is_measured_by_it(
    held: list[int], general: list[int]
) -> None:
    sources = [
        MixSource(name="a", of="pairs", share="all"),
        MixSource(name="b", of="replay", share=0.5),
    ]
    _, rows = amounts(sources, (held, general), by_rows=True, budget=None)
    assert rows == {"a": len(held), "b": min(len(general), len(held))}


def test_a_budget_thins_all_alike() -> None:
    sources = [
        MixSource(name="a", of="pairs", share="all"),
        MixSource(name="b", of="pairs", share="all"),
        MixSource(name="c", of="replay", share=0.5),
    ]
    held = [[length] * 100 for length in (30, 3, 7)]
    _, rows = amounts(sources, held, by_rows=True, budget=1000)
    assert rows == {"a": 21, "b": 21, "c": 43}


@pytest.fixture(scope="module")
def encoding(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Encoding, list[Rejection]]]:
    refused: list[Rejection] = []
    with Pile(tmp_path_factory.mktemp("pile")) as pile:
        yield Encoding(TOKENIZER, 64, pile, refused.append), refused


@given(
    st.lists(st.sampled_from(["x", "y", "z", ""]), max_size=20),
    st.none() | st.integers(1, 4),
    st.booleans(),
    st.integers(0, 60),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_pass_holds_every_row_once_and_caps_hold(
    encoding: tuple[Encoding, list[Rejection]],
    documents: list[str],
    cap: int | None,
    repeat: bool,
    wanted: int,
) -> None:
    source = MixSource(name="a", of="pairs", per_document=cap, repeat=repeat, share=1)
    turns = [
        (Message("user", f"Row {number}?"), Message("assistant", "Yes."))
        for number in range(len(documents))
    ]
    every = [
        TrainingRow("a", messages, "assistant", document)
        for messages, document in zip(turns, documents, strict=True)
    ]

    def one_pass(generator: random.Random) -> Iterator[TrainingRow | StepError]:
        yield StepError("unreadable")
        yield from generator.sample(every, len(every))

    encoder, refused = encoding
    refused.clear()
    pool = Pool(source)
    pool.fill(one_pass, encoder, random.Random(0), lambda pool: len(pool) >= wanted)
    start = 0
    for end in [*pool.passes, len(pool)]:
        within = pool.digests[start:end]
        assert len(set(within)) == len(within)
        start = end
    capped = Counter(document for document in documents if document)
    most = documents.count("") + sum(min(n, cap or n) for n in capped.values())
    assert len(pool) <= wanted
    assert len(pool) == wanted or not repeat or not most
    assert all(
        end - begin == most for begin, end in zip([0, *pool.passes], pool.passes, strict=False)
    )
    assert len(refused) == (1 if wanted else 0)
