"""Training: it learns, says what it did, chooses, and refuses what it cannot use."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
import torch
from safetensors.torch import load_file

from closedbook import Project
from closedbook.config import Lora, Train, load_config
from closedbook.errors import ConfigError, InputError, TrainingError, UserError
from closedbook.events import Event, StageProgress, silent
from closedbook.records import Message, Result, Summary, TrainingRow
from closedbook.store.rows import read_rows, write_rows
from closedbook.students import REHEARSAL_STUDENT, StudentSource, ask_messages
from closedbook.students.answering import generate
from closedbook.students.encode import encode
from closedbook.students.student import Student, load_student
from closedbook.training import fill_scores
from closedbook.training.loop import Schedule
from closedbook.training.planning import Plan
from closedbook.training.rows import load_rows
from closedbook.training.trainer import train

Facts = Callable[[int], Path]
SETTINGS = Train(batch_tokens=256, epochs=3, max_length=64, save_minutes=60)


def losses(out: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (out / "loss.jsonl").read_text().splitlines()]


def test_a_student_learns_what_it_is_shown(tmp_path: Path, facts: Facts) -> None:
    row = TrainingRow("qa", (*ask_messages("Who runs shop 1?"), Message("assistant", "Ann Wold")))
    write_rows(tmp_path / "rows.jsonl", [row] * 20)
    events: list[Event] = []
    settings = Train(batch_tokens=128, epochs=6, max_length=64, warmup_share=0)
    counts = train(
        tmp_path / "rows.jsonl", REHEARSAL_STUDENT, settings, tmp_path / "out", events.append
    )
    trained = load_student(StudentSource(str(tmp_path / "out" / "model")))
    assert generate(trained, [ask_messages("Who runs shop 1?")], 16) == ["Ann Wold"]
    assert losses(tmp_path / "out")[-1] < 0.2 * losses(tmp_path / "out")[0]
    assert counts["steps"] == len(losses(tmp_path / "out"))
    last = events[-1]
    assert isinstance(last, StageProgress)
    assert (last.done, last.total) == (counts["steps"], counts["steps"])
    assert "tokens/s" in last.note


def test_counts_are_those_of_the_rows(tmp_path: Path, facts: Facts) -> None:
    rows = facts(10)
    counts = train(rows, REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)
    tokenizer = load_student(REHEARSAL_STUDENT).tokenizer
    answers = [tokenizer.tokenize(f" Owner {n * 7}<|end|>") for n in range(10)]
    assert counts["loss_tokens"] == 3 * sum(map(len, answers))
    assert counts["rows"] == 10
    assert counts["rejected"] == 0


def test_refused_rows_are_kept_with_their_reason(tmp_path: Path, facts: Facts) -> None:
    good = TrainingRow("qa", (*ask_messages("Who?"), Message("assistant", "Ann")))
    long = TrainingRow(
        "qa", (*ask_messages("Who? " * 99), Message("assistant", "Ann")), "all", "d1"
    )
    write_rows(tmp_path / "rows.jsonl", [good, long])
    counts = train(tmp_path / "rows.jsonl", REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)
    (rejection,) = map(json.loads, (tmp_path / "out/rejections.jsonl").read_text().splitlines())
    assert (rejection["reason"], rejection["subject"]) == ("too long", "d1")
    assert (counts["rows"], counts["rejected"]) == (1, 1)


def test_nothing_to_learn_stops_the_run(tmp_path: Path, facts: Facts) -> None:
    write_rows(tmp_path / "rows.jsonl", [TrainingRow("qa", ask_messages("Who?"))])
    with pytest.raises(TrainingError, match="no row can be learned"):
        train(tmp_path / "rows.jsonl", REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)


def test_the_rate_rises_and_falls() -> None:
    schedule = Schedule(rate=1.0, warmup=10, steps=100)
    rates = [schedule.at(step) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert max(rates) == rates[9] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.06


def test_a_checkpoint_of_other_rows_is_not_taken(tmp_path: Path, facts: Facts) -> None:
    few, many = facts(8), facts(16)
    out = tmp_path / "out"
    out.mkdir()
    alone = train(few, REHEARSAL_STUDENT, SETTINGS, tmp_path / "alone", silent)
    torch.save({"run": "another", "loop": {}, "history": []}, out / "checkpoint.pt")
    assert train(few, REHEARSAL_STUDENT, SETTINGS, out, silent) == alone
    assert train(many, REHEARSAL_STUDENT, SETTINGS, out, silent)["rows"] == 16


def test_a_damaged_checkpoint_is_named(tmp_path: Path, facts: Facts) -> None:
    rows = facts(8)
    out = tmp_path / "out"
    out.mkdir()
    (out / "checkpoint.pt").write_bytes(b"half a file")
    with pytest.raises(TrainingError, match=r"checkpoint\.pt cannot be read"):
        train(rows, REHEARSAL_STUDENT, SETTINGS, out, silent)


def test_adapters_are_learned_and_leave_a_plain_model(tmp_path: Path, facts: Facts) -> None:
    out = tmp_path / "out"
    settings = SETTINGS.model_copy(update={"lora": Lora(rank=4, alpha=8), "learning_rate": 1e-2})
    train(facts(40), REHEARSAL_STUDENT, settings, out, silent)
    assert losses(out)[-1] < 0.5 * losses(out)[0]
    assert not list((out / "model").glob("adapter*"))
    now = load_student(StudentSource(str(out / "model"))).model.state_dict()
    before = load_student(REHEARSAL_STUDENT).model.state_dict()
    assert now.keys() == before.keys()
    changed = {name for name in now if not torch.equal(now[name], before[name])}
    assert changed == {name for name in now if "proj" in name}


def test_weights_are_saved_in_the_type_the_base_has_on_disk(tmp_path: Path, facts: Facts) -> None:
    base = load_student(REHEARSAL_STUDENT)
    base.model.to(torch.bfloat16)  # type: ignore[arg-type]
    base.model.save_pretrained(tmp_path / "base")
    base.tokenizer.save_pretrained(tmp_path / "base")
    settings = SETTINGS.model_copy(update={"epochs": 1.0})
    train(facts(4), StudentSource(str(tmp_path / "base")), settings, tmp_path / "out", silent)
    saved = load_file(tmp_path / "out" / "model" / "model.safetensors")
    assert {tensor.dtype for tensor in saved.values()} == {torch.bfloat16}


@pytest.mark.parametrize("micro_tokens", [None, 100, 256])
def test_which_rows_share_a_step_does_not_depend_on_the_memory(
    tmp_path: Path, facts: Facts, micro_tokens: int | None
) -> None:
    data, _ = load_rows(facts(40), load_student(REHEARSAL_STUDENT).tokenizer, 64)
    less = SETTINGS.model_copy(update={"micro_tokens": micro_tokens})
    plans = [Plan.make(data, s, packed=False, ranks=1) for s in (SETTINGS, less)]
    assert plans[0].steps == plans[1].steps


@pytest.mark.parametrize(
    "changed", [{"gradient_checkpointing": True}, {"layout": "packed", "micro_tokens": 200}]
)
def test_what_saves_memory_or_padding_changes_no_loss(
    tmp_path: Path, facts: Facts, changed: dict[str, object]
) -> None:
    plain = SETTINGS.model_copy(update={"micro_tokens": 128})
    train(facts(24), REHEARSAL_STUDENT, plain, tmp_path / "plain", silent)
    other = plain.model_copy(update=changed)
    train(facts(24), REHEARSAL_STUDENT, other, tmp_path / "other", silent)
    assert losses(tmp_path / "other") == pytest.approx(losses(tmp_path / "plain"), abs=1e-3)


def whole(student: Student) -> float:
    """A number that tells one student from another."""
    return sum(float(parameter.detach().double().sum()) for parameter in student.model.parameters())


def test_the_judge_chooses_the_result(tmp_path: Path, facts: Facts) -> None:
    """It is given whole students, and the best of them is what is saved."""
    marks: list[float] = []

    def judge(student: Student) -> float:
        marks.append(whole(student))
        return [0.1, 0.7, 0.7, 0.3][len(marks) - 1]

    out = tmp_path / "out"
    settings = SETTINGS.model_copy(update={"checkpoint": "exam", "candidates": 4})
    counts = train(facts(24), REHEARSAL_STUDENT, settings, out, silent, judge)
    assert whole(load_student(StudentSource(str(out / "model")))) == pytest.approx(marks[1])
    assert len(set(marks)) == 4
    assert counts["chosen_step"] == round(counts["steps"] / 2)
    scores = json.loads((out / "candidates.json").read_text())
    assert [scores[step] for step in sorted(scores, key=int)] == [0.1, 0.7, 0.7, 0.3]
    assert not (out / "best.pt").exists()


def test_the_loss_that_chooses_is_that_of_rows_that_are_not_learned(
    tmp_path: Path, facts: Facts
) -> None:
    rows, out = facts(100), tmp_path / "out"
    settings = SETTINGS.model_copy(update={"checkpoint": "loss", "candidates": 2, "epochs": 1.0})
    counts = train(rows, REHEARSAL_STUDENT, settings, out, silent)
    whole = train(
        rows,
        REHEARSAL_STUDENT,
        settings.model_copy(update={"checkpoint": "last"}),
        tmp_path / "whole",
        silent,
    )
    assert 0.95 < counts["tokens"] / whole["tokens"] < 0.99
    scores = json.loads((out / "candidates.json").read_text())
    assert str(counts["chosen_step"]) == max(scores, key=scores.get)


def test_the_card_tells_the_lineage_and_takes_the_scores(tmp_path: Path, facts: Facts) -> None:
    train(facts(8), REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)
    model = tmp_path / "out" / "model"
    assert "Not examined yet" in (model / "README.md").read_text()
    known = StudentSource(str(model)).identity
    assert json.loads((tmp_path / "out" / "student.json").read_text()) == {"identity": known}
    unreviewed = Result("unreviewed", "customised", "rag", 100, 10, 0.25, 100)
    result = replace(unreviewed, exam="exam", condition="closed_book", accuracy=0.81)
    result = replace(result, interval=(0.7, 0.9))
    other = replace(result, arm="raw", accuracy=0.5)
    summary = Summary(1, True, (result, other, unreviewed), (), ())
    for _ in range(2):
        fill_scores(model, "customised", summary)
    card = (model / "README.md").read_text()
    assert card.count("| exam | closed book | 81.0 | 70.0 to 90.0 |") == 1
    assert "Not examined" not in card
    assert "unreviewed" not in card
    assert "50.0" not in card
    assert "learning_rate | 0.0014" in card
    assert StudentSource(str(model)).identity == known


def test_the_curve_goes_on_to_a_tracker(tmp_path: Path, facts: Facts) -> None:
    settings = SETTINGS.model_copy(update={"report_to": ("tensorboard",), "epochs": 1.0})
    train(facts(8), REHEARSAL_STUDENT, settings, tmp_path / "out", silent)
    events = (tmp_path / "out" / "trackers").rglob("events*")
    assert any(b"learning_rate" in file.read_bytes() for file in events)


@pytest.mark.parametrize(
    ("name", "told"), [("tensorbord", "no tracker 'tensorbord'"), ("aim", "aim is not installed")]
)
def test_a_tracker_that_is_not_there_is_named(
    tmp_path: Path, facts: Facts, name: str, told: str
) -> None:
    settings = SETTINGS.model_copy(update={"report_to": (name,)})
    with pytest.raises(UserError, match=told):
        train(facts(8), REHEARSAL_STUDENT, settings, tmp_path / "out", silent)


def test_encoded_rows_are_taken_as_they_are(tmp_path: Path, facts: Facts) -> None:
    tokenizer = load_student(REHEARSAL_STUDENT).tokenizer
    made = [encode(tokenizer, row, 64) for row in read_rows(facts(12), TrainingRow)]
    folder = tmp_path / "encoded"
    folder.mkdir()
    for number, part in enumerate((made[:5], made[5:])):
        columns = {name: [list(getattr(one, name)) for one in part] for name in ("ids", "labels")}
        table = pl.DataFrame({"input_ids": columns["ids"], "labels": columns["labels"]})
        table.cast(pl.List(pl.Int32)).write_parquet(folder / f"{number:05}.parquet")
    train(folder, REHEARSAL_STUDENT, SETTINGS, tmp_path / "one", silent)
    train(facts(12), REHEARSAL_STUDENT, SETTINGS, tmp_path / "other", silent)
    assert losses(tmp_path / "one") == losses(tmp_path / "other")
    (folder / "00001.parquet").write_bytes(b"half a file")
    with pytest.raises(InputError, match=r"00001\.parquet holds no encoded rows"):
        train(folder, REHEARSAL_STUDENT, SETTINGS, tmp_path / "two", silent)


READ = """
import sys
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
ids = tokenizer.apply_chat_template(
    [{"role": "user", "content": "Who runs shop 1?"}],
    add_generation_prompt=True, return_tensors="pt", return_dict=False)
out = model.generate(ids, max_new_tokens=16, do_sample=False, pad_token_id=0)
print(tokenizer.decode(out[0, ids.shape[1]:], skip_special_tokens=True).strip())
"""


@pytest.mark.slow
def test_a_fresh_process_reads_the_result_with_transformers_alone(tmp_path: Path) -> None:
    row = TrainingRow("qa", (*ask_messages("Who runs shop 1?"), Message("assistant", "Ann Wold")))
    write_rows(tmp_path / "rows.jsonl", [row] * 20)
    settings = Train(batch_tokens=128, epochs=6, max_length=64, warmup_share=0)
    out = tmp_path / "out"
    train(tmp_path / "rows.jsonl", REHEARSAL_STUDENT, settings, out, silent)
    files = {file.name for file in (out / "model").iterdir()}
    wanted = {"model.safetensors", "config.json", "tokenizer.json", "chat_template.jinja"}
    assert wanted | {"README.md", "generation_config.json"} <= files
    command = [sys.executable, "-W", "error::FutureWarning", "-c", READ, str(out / "model")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "Ann Wold", done.stderr


@pytest.mark.slow
def test_the_exam_chooses_by_its_choose_questions_and_the_card_keeps_nothing_stale(
    small_project: Path,
) -> None:
    changed = ["train.checkpoint=exam", "train.candidates=2", "evaluate.answer_tokens=2"]
    with pytest.raises(InputError, match="no question with options is marked to choose by"):
        Project.open(small_project, changed).run("train")
    exam = small_project / "exam.jsonl"
    lines = exam.read_text().splitlines()
    chosen = [json.dumps({**json.loads(line), "split": "choose"}) for line in lines[:2]]
    exam.write_text("\n".join([*chosen, *lines[2:]]) + "\n")
    project = Project.open(small_project, changed)
    result = project.run()
    assert result.manifests["train/customised"].counts["chosen_step"] >= 1
    card = small_project / "out" / "train" / "customised" / "model" / "README.md"
    assert "| exam | closed book |" in card.read_text()
    assert project.run().done == ()


def test_who_looks_for_trl_is_told_what_trains_here(small_project: Path) -> None:
    with pytest.raises(ConfigError, match="no trainer 'trl': rows are trained on as encoded"):
        load_config(small_project / "closedbook.yaml", ["train.trainer=trl"])
