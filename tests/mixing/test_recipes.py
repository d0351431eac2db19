"""What a recipe's sources become: forms of questions, thinking, caps, losses; mistakes in recipes
and replays are shown where they were written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import Mix
from closedbook.errors import ConfigError, InputError
from closedbook.events import Emit, Event, Notice, silent
from closedbook.mixing import Ingredients, load_recipe, mix
from closedbook.mixing.replay import open_replay, replay_problems
from closedbook.models.profiles import load_profile
from closedbook.records import Document, QAPair, Rejection, StudyText, TrainingRow
from closedbook.retrieval import passages
from closedbook.store import read_rows, write_rows
from closedbook.students import REHEARSAL_STUDENT

FLOWS = ("qa", "reasoning-qa", "study")
TOWN = "# {0}\n\n{0} is a town, an old one with a market.\n\n## Place\n\nOld {0} lies by a lake."
NAMES = ("Ander", "Bruna", "Calix", "Dorit")
TOWNS = [
    Document.make(
        title=name,
        text=TOWN.format(name),
        source=f"{name}.md",
    )
    for name in NAMES
]
ASKED = [
    QAPair(
        document_id=town.id,
        flow=flow,
        question=f"{question} {town.title}?",
        answer="by a lake",
        reasoning=f"What of {town.title}? There is a lake." if flow == "reasoning-qa" else "",
    )
    for town in TOWNS
    for flow, question in (("qa", "Where is"), ("qa", "By what lies"), ("reasoning-qa", "Locate"))
]
TOLD = [
    StudyText(document_id=town.id, flow="study", title=town.title, text=f"{town.title}: a town")
    for town in TOWNS
]
GENERAL = [
    {"messages": [{"role": "user", "content": f"{n}?"}, {"role": "assistant", "content": f"{n}!"}]}
    for n in range(40)
]
PASSAGES = [passage for town in TOWNS for passage in passages(town, 100)]
Cook = Callable[..., list[TrainingRow]]


@pytest.fixture
def cook(tmp_path: Path) -> Cook:
    """The rows of a recipe, given as YAML or by its name."""
    write_rows(tmp_path / "documents.jsonl", TOWNS)
    write_rows(tmp_path / "pairs.jsonl", ASKED)
    write_rows(tmp_path / "study.jsonl", TOLD)
    write_rows(tmp_path / "replay.jsonl", GENERAL)
    (tmp_path / "recipes").mkdir()

    def cooked(
        sources: str,
        *,
        profile: str = "nemotron-v1",
        by: str = "rows",
        name: str = "mine",
        replay: Path | str = tmp_path / "replay.jsonl",
        emit: Emit = silent,
    ) -> list[TrainingRow]:
        if sources:
            text = f"recipe: mine\nby: {by}\nsources:\n{sources}"
            (tmp_path / "recipes" / "mine.yaml").write_text(text)
        settings = Mix(recipe=name, tokens=None)
        ingredients = Ingredients(
            recipe=load_recipe(settings, "customised", tmp_path, FLOWS),
            documents=tmp_path / "documents.jsonl",
            knowledge=tmp_path,
            replay=replay,
            student=REHEARSAL_STUDENT,
            profile=load_profile(profile, tmp_path),
            max_length=400,
            passage_characters=100,
        )
        mix(ingredients, settings, tmp_path / "out", emit)
        return list(read_rows(tmp_path / "out" / "rows.jsonl", TrainingRow))

    return cooked


def test_thinking_is_switched_and_written_as_the_family_does(cook: Cook) -> None:
    rows = cook(
        "- {name: thinks, of: pairs, thinking: on, share: all}\n"
        "- {name: answers, of: pairs, thinking: off, flows: [reasoning-qa], share: all}\n"
    )
    by_source = {row.source: row for row in rows}
    assert Counter(row.source for row in rows) == {"thinks": 4, "answers": 4}
    thinks, answers = by_source["thinks"], by_source["answers"]
    assert thinks.messages[0].content == "detailed thinking on"
    assert thinks.messages[-1].content.startswith("<think>\nWhat of ")
    assert thinks.messages[-1].content.endswith("</think>\n\nby a lake")
    assert thinks.thinking is True
    assert answers.messages[0].content == "detailed thinking off"
    assert answers.messages[-1].content == "by a lake"
    assert answers.thinking is False
    plain = cook("- {name: thinks, of: pairs, thinking: on, share: all}\n", profile="qwen3")
    assert [turn.role for turn in plain[0].messages] == ["user", "assistant"]


@pytest.mark.parametrize(
    ("form", "shown"),
    [("closed_book", 0), ("passage", 1), ("open_book", 1), ("raft, distractors: 2", 3)],
)
def test_a_question_has_beside_it_what_its_form_says(cook: Cook, form: str, shown: int) -> None:
    rows = cook(f"- {{name: asked, of: pairs, form: {form}, share: all}}\n")
    assert len(rows) == len(ASKED)
    for row in rows:
        beside = row.messages[0].content.rpartition("\n\n")[0]
        if form == "open_book":
            assert beside == next(t.text for t in TOWNS if t.id == row.document_id)
            continue
        seen = [passage for passage in PASSAGES if passage.text in beside]
        assert len(seen) == shown
        own = any("by a lake" in p.text and p.document_id == row.document_id for p in seen)
        assert own == bool(shown)


def test_the_right_passage_is_missing_in_a_share_of_the_rows(cook: Cook) -> None:
    source = "{name: asked, of: pairs, form: raft, distractors: 2, without_right: 1, share: all}"
    for row in cook(f"- {source}\n"):
        own = [p for p in PASSAGES if p.document_id == row.document_id and "by a lake" in p.text]
        assert len([p for p in PASSAGES if p.text in row.messages[0].content]) == 3
        assert own[0].text not in row.messages[0].content


def test_summaries_ask_for_the_text_under_its_document(cook: Cook) -> None:
    rows = cook("- {name: told, of: summaries, instructions: [Sum up.], share: all}\n")
    assert {row.messages[-1].content for row in rows} == {text.text for text in TOLD}
    assert all(row.messages[0].content.endswith("by a lake.\n\nSum up.") for row in rows)


def test_a_cap_and_a_loss_hold_for_their_source(cook: Cook) -> None:
    rows = cook(
        "- {name: few, of: pairs, per_document: 2, loss: all-but-system, share: all}\n"
        "- {name: texts, of: documents, share: all}\n"
    )
    few = [row for row in rows if row.source == "few"]
    assert Counter(row.document_id for row in few) == dict.fromkeys([t.id for t in TOWNS], 2)
    assert {(row.source, row.loss) for row in rows} == {("few", "all-but-system"), ("texts", "all")}


def test_the_published_recipe_repeats_as_many_general_rows_as_it_teaches(cook: Cook) -> None:
    rows = cook("", name="published")
    counted = Counter(row.source for row in rows)
    assert counted == {"thinking_on": 4, "thinking_off": 12, "summaries": 4, "replay": 20}
    assert len({row.messages for row in rows}) == 40


def test_all_is_one_pass_when_every_source_repeats(tmp_path: Path) -> None:
    recipe = load_recipe(Mix(recipe="published", repeat=True), "customised", tmp_path, FLOWS)
    assert {s.name for s in recipe.sources if s.repeat} == {"replay"}


def test_mixed_training_is_as_large_as_its_scarcest_source(cook: Cook, tmp_path: Path) -> None:
    cook("", name="mixed-training")
    table = read_table(tmp_path)
    scarce = table["study"]["tokens"]
    assert table["study"]["rows"] == len(TOLD)
    assert abs(table["qa"]["tokens"] - scarce) < 60
    assert abs(table["replay"]["tokens"] - scarce * 0.1 / 0.45) < 20
    assert all(source["rows"] == source["different_rows"] for source in table.values())


def read_table(folder: Path) -> dict[str, dict[str, Any]]:
    import json

    table: dict[str, dict[str, Any]] = json.loads((folder / "out" / "table.json").read_text())
    return table


@pytest.mark.parametrize(
    ("sources", "line", "message"),
    [
        ("- {name: a, of: pairs, share: 0.5}\n", 3, "the shares add up to 0.5, not 1"),
        ("- {name: a, of: pears, share: 1}\n", 4, "Input should be 'pairs'"),
        ("- name: a\n  of: pairs\n  shares: 1\n", 6, "did you mean 'share'"),
        ("- name: a\n  of: pairs\n  share: 1\n  flows: [stud]\n", 7, "did you mean 'study'"),
        ("- {name: a, of: study, repeat: true, share: all}\n", 4, "it cannot repeat"),
        ("- {name: a, of: study, form: raft, share: 1}\n", 4, "form is for pairs"),
    ],
)
def test_a_mistake_in_a_recipe_has_its_line(
    cook: Cook, sources: str, line: int, message: str
) -> None:
    with pytest.raises(ConfigError, match=rf"mine\.yaml:{line}: .*{message}"):
        cook(sources)


def test_an_unknown_name_in_the_config_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "closedbook.yaml").write_text("mix:\n  recipe: publishd\n  shares: {qb: 1}\n")
    with pytest.raises(ConfigError, match=r"closedbook\.yaml:2: .*did you mean 'published'"):
        load_recipe(Mix(recipe="publishd"), "customised", tmp_path, FLOWS)
    with pytest.raises(ConfigError, match=r"closedbook\.yaml:3: .*no source 'qb'"):
        load_recipe(Mix(shares={"qb": 1}), "customised", tmp_path, FLOWS)


@pytest.mark.parametrize(
    "line",
    [
        '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}',
        '{"conversations": [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}]}',
        '{"prompt": "Hi", "response": "Ho"}',
        '{"input": [{"role": "user", "content": "Hi"}], "output": "Ho"}',
    ],
)
def test_common_forms_of_replay_are_read(cook: Cook, tmp_path: Path, line: str) -> None:
    (tmp_path / "replay.jsonl").write_text(line + "\n")
    rows = cook("- {name: qa, of: pairs, share: all}\n- {name: older, of: replay, share: 0.1}\n")
    (older,) = [row for row in rows if row.source == "older"]
    assert [turn.content for turn in older.messages] == ["Hi", "Ho"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"text": "hello"}', "messages: no such key, but text"),
        ('{"messages": [{"role": "user", "content": "Hi"}]}', "no assistant turn"),
        ('{"messages": [{"role": "wizard", "content": "Hi"}]}', "messages.0.role"),
        ("[1]", "should be an object"),
        ("{", "Invalid JSON"),
    ],
)
def test_a_bad_line_of_a_replay_is_named(tmp_path: Path, line: str, message: str) -> None:
    file = tmp_path / "replay.jsonl"
    file.write_text('{"prompt": "Hi", "response": "Ho"}\n' + line + "\n{}\n")
    first, second = map(str, replay_problems(file))
    assert re.search(rf"replay\.jsonl:2: .*{message}", first)
    assert "replay.jsonl:3: no chat row" in second


def test_a_dataset_is_replayed_and_its_bad_rows_are_refused(
    cook: Cook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets  # type: ignore[import-untyped]

    folder = tmp_path / "general"
    folder.mkdir()
    bad = {"messages": [{"role": "user", "content": "Nobody answers."}]}
    write_rows(folder / "train.jsonl", [*GENERAL, bad])
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    rows = cook(
        "- {name: qa, of: pairs, share: all}\n- {name: older, of: replay, share: 0.75}\n",
        replay=f"hf:{folder}",
    )
    assert Counter(row.source for row in rows) == {"qa": 12, "older": 36}
    (refused,) = read_rows(tmp_path / "out" / "rejections.jsonl", Rejection)
    assert refused.reason == "no chat row"
    assert "no assistant turn" in refused.detail


def test_of_a_dataset_the_commit_that_was_read_is_kept(
    cook: Cook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import datasets

    write_rows(tmp_path / "train.jsonl", GENERAL)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    commit, asked = "0123456789abcdef" * 2 + "01234567", []

    def on_the_hub(name: str, revision: str | None) -> Any:
        asked.append((name, revision))
        files = str(tmp_path / "train.jsonl")
        builder = load("json", data_files=files)
        builder.hash = commit
        return builder

    load = datasets.load_dataset_builder
    monkeypatch.setattr(datasets, "load_dataset_builder", on_the_hub)
    sources = "- {name: qa, of: pairs, share: all}\n- {name: older, of: replay, share: 0.5}\n"
    for revision, replay in ((None, "hf:some/chats:train"), ("v2", "hf:some/chats@v2:train")):
        cook(sources, replay=replay)
        assert asked.pop() == ("some/chats", revision)
        assert read_table(tmp_path)["older"]["from"] == f"hf:some/chats@{commit}:train"
    with pytest.raises(InputError, match=f"the cache holds {commit}"):
        cook(sources, replay=f"hf:some/chats@{'f' * 40}")


def test_a_dataset_that_is_not_there_is_one_line(cook: Cook, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no dataset at 'hf:.*nowhere'"):
        cook("- {name: older, of: replay, share: 1}\n", replay=f"hf:{tmp_path / 'nowhere'}")


def test_a_family_without_a_switch_is_told_of(cook: Cook) -> None:
    notices: list[Event] = []
    cook(
        "- {name: thinks, of: pairs, thinking: on, share: all}\n",
        profile="plain",
        emit=notices.append,
    )
    told = [event.text for event in notices if isinstance(event, Notice)]
    assert any("'plain' has no switch for thinking on" in text for text in told)


def test_a_byte_order_mark_and_a_blank_last_line_are_no_mistakes(tmp_path: Path) -> None:
    line = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}'
    file = tmp_path / "replay.jsonl"
    file.write_text(f"{line}\n{line}\n\n \n", encoding="utf-8-sig")
    assert not [*replay_problems(file)]
    with open_replay(file, tmp_path) as replay:
        assert len(replay) == 2
    file.write_text(f"{line}\n\n{line}\n")
    with pytest.raises(InputError, match=r"replay\.jsonl:2"), open_replay(file, tmp_path):
        """Opening it checks it."""
