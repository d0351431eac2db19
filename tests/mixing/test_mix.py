"""Mixtures: the budget, the shares, the sources, the controls; same inputs, same bytes."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closedbook.config import Mix, MixSource
from closedbook.config.mixture import Form
from closedbook.errors import InputError
from closedbook.events import Counts, Emit, Event, Notice, silent
from closedbook.mixing import Ingredients, load_recipe, mix
from closedbook.mixing.material import shuffled_answers
from closedbook.models.profiles import load_profile
from closedbook.records import Document, Message, QAPair, StudyText, TrainingRow
from closedbook.store import read_rows, write_rows
from closedbook.students import REHEARSAL_STUDENT
from closedbook.students.encode import encode
from closedbook.students.student import load_tokenizer

FLOWS = ("qa", "study")
NAMES = ("Ander", "Bruna", "Calix", "Dorit")
DOCUMENTS = [
    Document.make(title=name, text=f"{name} is a town. {name} lies by a lake.", source=f"{name}.md")
    for name in NAMES
]
PAIRS = [
    QAPair(
        document_id=document.id,
        flow="qa",
        question=f"{wording} {document.title}?",
        answer=f"{kind} {document.title[0]}",
        evidence=f"{document.title} {sentence}",
    )
    for document in DOCUMENTS
    for kind, sentence in (("town", "is a town."), ("lake", "lies by a lake."))
    for wording in (f"What {kind} is", f"Name the {kind} of")
]
STUDY = [
    StudyText(document_id=d.id, flow="study", title=d.title, text=f"A town is {d.title}.")
    for d in DOCUMENTS
]
REPLAY = [{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}]


@pytest.fixture
def ingredients(tmp_path: Path) -> Ingredients:
    write_rows(tmp_path / "documents.jsonl", DOCUMENTS)
    write_rows(tmp_path / "pairs.jsonl", PAIRS)
    write_rows(tmp_path / "study.jsonl", STUDY)
    write_rows(tmp_path / "replay.jsonl", REPLAY)
    return Ingredients(
        recipe=load_recipe(Mix(), "customised", tmp_path, FLOWS),
        documents=tmp_path / "documents.jsonl",
        knowledge=tmp_path,
        replay=tmp_path / "replay.jsonl",
        student=REHEARSAL_STUDENT,
        profile=load_profile("plain", tmp_path),
        max_length=256,
        passage_characters=200,
    )


def mixed(ingredients: Ingredients, settings: Mix, out: Path, emit: Emit = silent) -> Counts:
    recipe = load_recipe(settings, "customised", ingredients.knowledge, FLOWS)
    return mix(replace(ingredients, recipe=recipe), settings, out, emit)


def rows_of(ingredients: Ingredients, settings: Mix, out: Path) -> list[TrainingRow]:
    mixed(ingredients, settings, out)
    return list(read_rows(out / "rows.jsonl", TrainingRow))


def test_tokens_are_shared_as_asked_and_counted_as_trained(
    ingredients: Ingredients, tmp_path: Path
) -> None:
    counts = mixed(ingredients, Mix(tokens=4000), tmp_path / "out")
    table = json.loads((tmp_path / "out" / "table.json").read_text())
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    spent: Counter[str] = Counter()
    for row in read_rows(tmp_path / "out" / "rows.jsonl", TrainingRow):
        spent[row.source] += len(encode(tokenizer, row, 256).ids)
    assert spent.total() == counts["tokens"]
    for source in ingredients.recipe.sources:
        assert table[source.name]["tokens"] == spent[source.name]
        assert abs(spent[source.name] - 4000 * float(source.share)) < 120


def test_no_row_of_a_source_comes_again_before_all_came(
    ingredients: Ingredients, tmp_path: Path
) -> None:
    rows = rows_of(ingredients, Mix(tokens=3000, shares={"qa": 1}), tmp_path / "out")
    counted = Counter(row.messages for row in rows)
    assert len(counted) == len(PAIRS)
    assert max(counted.values()) - min(counted.values()) <= 1


def test_same_inputs_and_seed_give_the_same_bytes(ingredients: Ingredients, tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    rows_of(ingredients, Mix(tokens=2000), first)
    rows_of(ingredients, Mix(tokens=2000), again)
    rows_of(ingredients, Mix(tokens=2000, seed=1), other)
    for name in ("rows.jsonl", "encoded/00000.parquet", "table.json"):
        assert (first / name).read_bytes() == (again / name).read_bytes()
    assert (first / "rows.jsonl").read_bytes() != (other / "rows.jsonl").read_bytes()


def test_context_rows_show_the_passage_that_answers(
    ingredients: Ingredients, tmp_path: Path
) -> None:
    settings = Mix(tokens=4000, shares={"qa_with_context": 1})
    rows = rows_of(ingredients, settings, tmp_path / "out")
    by_id = {document.id: document for document in DOCUMENTS}
    answers = {pair.question: pair.answer for pair in PAIRS}
    gold_first: Counter[bool] = Counter()
    for row in rows:
        beside, _, first = row.messages[0].content.rpartition("\n\n")
        asked = [first, *(turn.content for turn in row.messages[2::2])]
        title = by_id[row.document_id].title
        assert len(set(asked)) == 4
        assert all(title in question for question in asked)
        assert [turn.content for turn in row.messages[1::2]] == [answers[text] for text in asked]
        shown = beside.split("\n\n")
        assert len(shown) == 2
        gold_first[shown[0] == by_id[row.document_id].text] += 1
        assert by_id[row.document_id].text in shown
    assert gold_first.keys() == {True, False}


def test_documents_and_study_are_learned_whole(ingredients: Ingredients, tmp_path: Path) -> None:
    settings = Mix(tokens=500, shares={"documents": 0.5, "study": 0.5})
    rows = rows_of(ingredients, settings, tmp_path / "out")
    assert {row.loss for row in rows} == {"all"}
    texts = {row.messages[-1].content for row in rows if row.source == "documents"}
    assert texts == {document.text for document in DOCUMENTS}


def test_a_source_without_rows_leaves_its_share_to_the_others(
    ingredients: Ingredients, tmp_path: Path
) -> None:
    write_rows(tmp_path / "study.jsonl", [])
    events: list[Event] = []
    counts = mixed(ingredients, Mix(tokens=2000), tmp_path / "out", events.append)
    assert any(isinstance(event, Notice) and "no study rows" in event.text for event in events)
    assert abs(counts["tokens"] - 2000) < 200


def test_replay_alone_is_not_knowledge(ingredients: Ingredients, tmp_path: Path) -> None:
    write_rows(tmp_path / "pairs.jsonl", [])
    with pytest.raises(InputError, match="nothing to train on: qa have no rows"):
        mixed(ingredients, Mix(shares={"qa": 0.5, "replay": 0.5}), tmp_path / "out")


def test_rows_that_cannot_be_encoded_are_counted_with_a_reason(
    ingredients: Ingredients, tmp_path: Path
) -> None:
    long = QAPair(document_id="x", flow="qa", question="Why? " * 300, answer="Because.")
    write_rows(tmp_path / "pairs.jsonl", [*PAIRS, long])
    counts = mixed(ingredients, Mix(tokens=3000, shares={"qa": 1}), tmp_path / "out")
    assert counts["rejected"] > 0
    assert "too long" in (tmp_path / "out" / "rejections.jsonl").read_text()


def test_a_source_that_cannot_be_used_says_why_and_what_helps(
    ingredients: Ingredients, tmp_path: Path
) -> None:
    write_rows(tmp_path / "study.jsonl", [replace(text, text=text.text * 200) for text in STUDY])
    events: list[Event] = []
    mixed(ingredients, Mix(tokens=2000), tmp_path / "out", events.append)
    told = [event.text for event in events if isinstance(event, Notice)]
    file = tmp_path / "out" / "rejections.jsonl"
    helps = f"see {file}, or raise train.max_length"
    assert f"no study row could be encoded, 4 of 4: too long; {helps}" in told


def test_a_mixture_that_is_smaller_than_wished_for_says_so(
    ingredients: Ingredients, tmp_path: Path
) -> None:
    events: list[Event] = []
    settings = Mix(tokens=50_000, repeat=False, shares={"qa": 0.5, "study": 0.5})
    counts = mixed(ingredients, settings, tmp_path / "out", events.append)
    (told,) = [event.text for event in events if isinstance(event, Notice)]
    assert told == (
        f"study (4 rows) used up: {counts['tokens']:,} of the 50,000 tokens wished for; "
        "mix.repeat: true starts it again"
    )


@pytest.mark.parametrize(
    ("settings", "helps"),
    [
        (Mix(tokens=40, shares={"qa": 0.99, "study": 0.01}), "mix.tokens or its share"),
        (Mix(tokens=None, shares={"qa": 0.999, "study": 0.001}), "its share"),
    ],
)
def test_a_share_too_small_for_a_row_is_told(
    ingredients: Ingredients, tmp_path: Path, settings: Mix, helps: str
) -> None:
    events: list[Event] = []
    counts = mixed(ingredients, settings, tmp_path / "out", events.append)
    told = [event.text for event in events if isinstance(event, Notice)]
    assert f"no study row: its share is less than one; raise {helps}" in told
    table = json.loads((tmp_path / "out" / "table.json").read_text())
    assert table["study"]["rows"] == 0
    assert table["qa"]["rows"] == counts["rows"] > 0


@pytest.mark.parametrize("recipe", ["mixed-training", "published", "rehearsal"])
def test_a_budget_too_small_for_a_row_of_knowledge_is_refused(
    ingredients: Ingredients, tmp_path: Path, recipe: str
) -> None:
    with pytest.raises(InputError, match=r"nothing to train on: mix\.tokens: 1 is too little"):
        mixed(ingredients, Mix(recipe=recipe, tokens=1), tmp_path / "out")


@pytest.mark.parametrize("recipe", ["mixed-training", "published", "rehearsal"])
def test_a_length_that_no_row_keeps_to_is_told(
    ingredients: Ingredients, tmp_path: Path, recipe: str
) -> None:
    short = replace(ingredients, max_length=3)
    with pytest.raises(InputError, match=r"none of the rows can be encoded, .*: too long"):
        mixed(short, Mix(recipe=recipe, tokens=None), tmp_path / "out")


def test_a_replay_file_of_another_form_is_refused(ingredients: Ingredients, tmp_path: Path) -> None:
    (tmp_path / "replay.jsonl").write_text('{"text": "hello"}\n')
    with pytest.raises(InputError, match=r"replay\.jsonl:1: no chat row: messages"):
        mixed(ingredients, Mix(tokens=1000), tmp_path / "out")


def test_shuffled_answers_are_wrong_and_consistent() -> None:
    answer_of = shuffled_answers(PAIRS, seed=3)
    by_fact: dict[tuple[str, str], set[str]] = {}
    for true in PAIRS:
        false, _ = answer_of(true)
        assert false != true.answer
        by_fact.setdefault((true.document_id, true.answer), set()).add(false)
    assert all(len(answers) == 1 for answers in by_fact.values())
    assert {answer_of(pair)[0] for pair in PAIRS} <= {pair.answer for pair in PAIRS}


THOUGHT = [replace(pair, reasoning=f"It says: {pair.answer}.") for pair in PAIRS]


@given(st.lists(st.sampled_from([*PAIRS, *THOUGHT]), max_size=30), st.integers())
@settings(max_examples=100)
def test_no_pair_keeps_its_answer_while_there_is_another(pairs: list[QAPair], seed: int) -> None:
    answers = {pair.answer for pair in pairs}
    thought_over = {pair.answer for pair in pairs if pair.reasoning}
    answer_of = shuffled_answers(pairs, seed)
    for pair in pairs:
        false, thinking = answer_of(pair)
        assert false in (answers - {pair.answer} or answers)
        assert thinking in ("", f"It says: {false}.")
        if pair.reasoning and thought_over - {pair.answer}:
            assert thinking


@pytest.mark.parametrize("form", ["closed_book", "passage", "open_book", "raft", "conversation"])
def test_a_control_of_shuffled_answers_has_the_rows_of_what_it_controls(
    ingredients: Ingredients, tmp_path: Path, form: Form
) -> None:
    thinks = form != "conversation"
    thought = [replace(pair, reasoning=f"It says: {pair.answer}.") for pair in PAIRS]
    write_rows(tmp_path / "pairs.jsonl", [*PAIRS, *thought] if thinks else PAIRS)
    source = MixSource(name="qa", of="pairs", form=form, thinking=thinks or None, share=1)
    recipe = ingredients.recipe.model_copy(update={"sources": (source,)})
    made = {}
    for name, shuffled in {"true": False, "false": True}.items():
        settings = Mix(tokens=None, shuffle_answers=shuffled)
        counts = mix(replace(ingredients, recipe=recipe), settings, tmp_path / name, silent)
        made[shuffled] = list(read_rows(tmp_path / name / "rows.jsonl", TrainingRow)), counts
    (true, counted), (false, of_control) = made[False], made[True]
    assert [row.messages[0] for row in true] == [row.messages[0] for row in false]
    assert abs(of_control["tokens"] - counted["tokens"]) < 0.1 * counted["tokens"]
    for right, wrong in zip(true, false, strict=True):
        assert right.messages[-1] != wrong.messages[-1]
        if thinks:
            thinking, _, answer = wrong.messages[-1].content.partition("\n</think>\n\n")
            assert thinking == f"<think>\nIt says: {answer}."


def test_replay_keeps_its_turns(ingredients: Ingredients, tmp_path: Path) -> None:
    rows = rows_of(ingredients, Mix(tokens=1000), tmp_path / "out")
    replayed = next(row for row in rows if row.source == "replay")
    assert replayed.messages == (Message("user", "Hi"), Message("assistant", "Ho"))


def test_both_forms_of_a_mixture_hold_the_same(ingredients: Ingredients, tmp_path: Path) -> None:
    rows = rows_of(ingredients, Mix(tokens=2000), tmp_path / "out")
    table = pl.read_parquet(tmp_path / "out" / "encoded" / "*.parquet")
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    assert len(table) == len(rows)
    for row, columns in zip(rows, table.iter_rows(named=True), strict=True):
        encoded = encode(tokenizer, row, 256)
        assert columns["input_ids"] == list(encoded.ids)
        assert columns["labels"] == list(encoded.labels)
        assert columns["len"] == len(encoded.ids)
        assert columns["num_loss_counted_tokens"] == encoded.loss_tokens
        assert columns["messages"][0]["content"] == row.messages[0].content
        assert columns["unmask"] == (row.loss != "assistant")
