"""Loading students, and the one form in which they are asked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from closedbook.checks import find_problems
from closedbook.errors import InputError, MissingExtra
from closedbook.records import Message
from closedbook.students import (
    REHEARSAL_STUDENT,
    StudentSource,
    ask_messages,
    require_training_extra,
    source,
    study_messages,
)
from closedbook.students.student import load_student


def test_the_rehearsal_student_is_small_and_in_float32() -> None:
    student = load_student(REHEARSAL_STUDENT)
    count = sum(parameter.numel() for parameter in student.model.parameters())
    assert 800_000 <= count <= 1_000_000
    assert {parameter.dtype for parameter in student.model.parameters()} == {torch.float32}
    assert not student.model.training


def test_a_missing_student_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no student at") as caught:
        load_student(StudentSource(str(tmp_path / "nothing-here")))
    assert "\n" not in str(caught.value)


def test_a_student_without_chat_template_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    shutil.copytree(REHEARSAL_STUDENT.where, folder)
    (folder / "chat_template.jinja").unlink()
    with pytest.raises(InputError, match="no chat template"):
        load_student(StudentSource(str(folder)))


def test_without_torch_the_pip_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(MissingExtra, match=r"pip install 'closedbook\[train\]'"):
        require_training_extra()


def test_identity_follows_the_weights_and_not_the_replay(tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(REHEARSAL_STUDENT.where, folder)
    copy = StudentSource(str(folder))
    digest = copy.identity
    assert digest == REHEARSAL_STUDENT.identity
    (folder / "retention.jsonl").write_text("")
    assert copy.identity == digest
    weights = folder / "model.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    assert copy.identity != digest


def test_passages_come_before_the_question() -> None:
    assert ask_messages("Who?", [" One.\n", "Two."]) == (Message("user", "One.\n\nTwo.\n\nWho?"),)
    assert ask_messages("Who?") == (Message("user", "Who?"),)


def test_a_text_to_learn_is_the_assistants_reply() -> None:
    asked, told = study_messages("Orr", "Orr is a town.\n")
    assert (asked.role, told) == ("user", Message("assistant", "Orr is a town."))
    assert "Orr" in asked.content


@pytest.mark.parametrize("damage", ["no model", "half a model", "no config", "other weights"])
def test_a_folder_that_is_no_model_is_one_clear_line(tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "model"
    if damage == "no model":
        folder.mkdir()
        (folder / "notes.txt").write_text("nothing")
    else:
        shutil.copytree(REHEARSAL_STUDENT.where, folder)
    if damage == "half a model":
        weights = folder / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:1000])
    if damage == "other weights":
        save_file({"elsewhere": torch.ones(1)}, folder / "model.safetensors", {"format": "pt"})
    if damage == "no config":
        (folder / "config.json").write_text("{}")
    with pytest.raises(InputError, match="there is no student at") as caught:
        load_student(StudentSource(str(folder)))
    assert "\n" not in str(caught.value)
    assert damage != "no model" or "the folder has no config.json" in str(caught.value)


def test_a_broken_chat_template_is_one_line_already_when_a_project_is_checked(
    small_project: Path,
) -> None:
    shutil.copytree(REHEARSAL_STUDENT.where, small_project / "student")
    (small_project / "student" / "chat_template.jinja").write_text("{% for m in messages %}{{ m }")
    student = "student={kind: huggingface, model: student}"
    problems = find_problems(small_project, [student])
    assert any("the chat template of the student" in problem for problem in problems)


def test_a_tokenizer_without_end_of_text_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(REHEARSAL_STUDENT.where, folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    del settings["eos_token"]
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    with pytest.raises(InputError, match="no end-of-text token") as caught:
        load_student(StudentSource(str(folder)))
    assert "eos_token" in caught.value.hint
