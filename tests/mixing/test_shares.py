"""Whatever sources hold: shares are kept within one row, nothing comes twice unasked, caps hold."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Mapping

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
from closedbook.students.student import load_tokenizer

NAMES = "abcd"
LENGTHS = st.lists(st.integers(1, 50), min_size=1, max_size=30)


class Counted(Pool):
    """A pool whose rows are only as long as a test says."""

    def draw(self, lengths: list[int], until: Until) -> None:
        while not until(self):
            for length in lengths:
                self.numbers.append(len(self.numbers))
                self.tokens.append(self.tokens[-1] + length)
                if until(self):
                    return
            self.passes.append(len(self.numbers))
            if not self.source.repeat:
                return


def amounts(
    held: list[list[int]], weights: list[int], *, by_rows: bool, budget: int | None, repeat: bool
) -> tuple[Mapping[str, Counted], dict[str, int]]:
    pools = {
        name: Counted(MixSource(name=name, of="pairs", share=weight / sum(weights), repeat=repeat))
        for name, weight in zip(NAMES, weights, strict=False)
    }
    lengths = dict(zip(NAMES, held, strict=False))

    def fill(pool: Pool, until: Until) -> None:
        assert isinstance(pool, Counted)
        pool.draw(lengths[pool.source.name], until)

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
    st.none() | st.integers(1, 3000),
)
@settings(max_examples=150, deadline=None)
def test_shares_are_within_one_row_of_the_ratio(
    given_: tuple[list[list[int]], list[int]], by_rows: bool, repeat: bool, budget: int | None
) -> None:
    held, weights = given_
    pools, rows = amounts(held, weights, by_rows=by_rows, budget=budget, repeat=repeat)
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
@settings(deadline=None)
def test_what_is_all_gives_all_and_the_rest_is_measured_by_it(
    held: list[int], general: list[int]
) -> None:
    lengths = {"a": held, "b": general}
    pools = {
        "a": Counted(MixSource(name="a", of="pairs", share="all")),
        "b": Counted(MixSource(name="b", of="replay", share=0.5)),
    }

    def fill(pool: Pool, until: Until) -> None:
        assert isinstance(pool, Counted)
        pool.draw(lengths[pool.source.name], until)

    rows = Sharing(pools, True, None).amounts(fill)
    assert rows == {"a": len(held), "b": min(len(general), len(held))}


def test_a_budget_thins_all_alike() -> None:
    pools = {
        "a": Counted(MixSource(name="a", of="pairs", share="all")),
        "b": Counted(MixSource(name="b", of="pairs", share="all")),
        "c": Counted(MixSource(name="c", of="replay", share=0.5)),
    }

    def fill(pool: Pool, until: Until) -> None:
        assert isinstance(pool, Counted)
        pool.draw([{"a": 30, "b": 3, "c": 7}[pool.source.name]] * 100, until)

    rows = Sharing(pools, True, 1000).amounts(fill)
    assert rows == {"a": 21, "b": 21, "c": 43}


@pytest.fixture(scope="module")
def encoding(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Encoding, list[Rejection]]]:
    refused: list[Rejection] = []
    with Pile(tmp_path_factory.mktemp("pile")) as pile:
        yield Encoding(load_tokenizer(REHEARSAL_STUDENT), 64, pile, refused.append), refused


@given(
    st.lists(st.sampled_from(["x", "y", "z", ""]), max_size=20),
    st.none() | st.integers(1, 4),
    st.booleans(),
    st.integers(0, 60),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
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
