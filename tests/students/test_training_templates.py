"""Training templates keep thinking that a family's own template cuts, and ask as they train."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerBase

from closedbook.config import HuggingFaceStudent
from closedbook.errors import ConfigError, StepError
from closedbook.models.profiles import load_profile, training_template
from closedbook.records import Message, TrainingRow
from closedbook.students import REHEARSAL_STUDENT, StudentSource, find_student
from closedbook.students.encode import encode, encode_prompt
from closedbook.students.labelling import IGNORED
from closedbook.students.student import load_tokenizer

unhurried = settings(max_examples=40)
CUTTING = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n"
    "{{ m.content if loop.last else m.content.split('</think>')[-1] | trim }}<|im_end|>\n"
    "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""What Qwen3's own template does to earlier turns."""
FAMILIES = ("qwen3", "qwen3-thinking", "deepseek-r1")
plain = st.text(st.characters(codec="utf-8", exclude_characters="<|｜>"), min_size=1).filter(
    str.strip
)


def tokenizer_with(template: str) -> PreTrainedTokenizerBase:
    """The rehearsal student's, with the marks of these families."""
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    marks = ["<|im_start|>", "<|im_end|>", "<｜User｜>", "<｜Assistant｜>", "<｜begin｜>"]
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    tokenizer.bos_token = "<｜begin｜>"
    tokenizer.chat_template = template
    return tokenizer


TOKENIZERS = {
    name: tokenizer_with(training_template(load_profile(name, Path()), Path())) for name in FAMILIES
}


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    messages = [Message("system", draw(plain))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(1, 3))):
        thought = f"<think>\n{draw(plain).strip()}\n</think>\n\n" if draw(st.booleans()) else ""
        messages += [Message("user", draw(plain)), Message("assistant", thought + draw(plain))]
    return tuple(messages)


def learned(tokenizer: PreTrainedTokenizerBase, labels: Sequence[int]) -> str:
    return str(tokenizer.decode([label for label in labels if label != IGNORED]))


@pytest.mark.parametrize("family", FAMILIES)
@unhurried
@given(messages=conversations(), thinking=st.sampled_from([None, True, False]))
def test_thinking_is_learned_in_every_turn_after_the_prompt_of_inference(
    family: str, messages: tuple[Message, ...], thinking: bool | None
) -> None:
    tokenizer = TOKENIZERS[family]
    thinks = any("<think>" in message.content for message in messages)
    if family == "qwen3" and thinking is False and thinks:
        return
    encoded = encode(tokenizer, TrainingRow("qa", messages, thinking=thinking), 10**6)
    told = learned(tokenizer, encoded.labels)
    for place, message in enumerate(messages):
        if message.role != "assistant":
            continue
        content = message.content.strip()
        begun = "" if family == "qwen3" else "<think>\n"
        empty = "" if content.startswith("<think>") or not begun else "<think>\n\n</think>\n\n"
        assert (empty + content).removeprefix(begun) in told
        prompt = encode_prompt(tokenizer, messages[:place], thinking)
        assert list(encoded.ids[: len(prompt)]) == prompt
        assert encoded.labels[len(prompt) - 1] == IGNORED
        assert encoded.labels[len(prompt)] == encoded.ids[len(prompt)]


def test_a_template_that_cuts_thinking_is_refused_where_the_training_template_is_not() -> None:
    pair = (Message("user", "Hm?"), Message("assistant", "<think>\nSo.\n</think>\n\nYes."))
    row = TrainingRow("qa", pair * 2)
    with pytest.raises(StepError, match="template rewrites turns"):
        encode(tokenizer_with(CUTTING), row, 500)
    told = learned(TOKENIZERS["qwen3"], encode(TOKENIZERS["qwen3"], row, 500).labels)
    assert told == "<think>\nSo.\n</think>\n\nYes.<|im_end|>" * 2


def test_a_thought_where_none_is_wanted_is_refused() -> None:
    """Inference would put an empty thought into the prompt that the row does not have."""
    pair = (Message("user", "Hm?"), Message("assistant", "<think>\nSo.\n</think>\n\nYes."))
    with pytest.raises(StepError, match="template rewrites turns"):
        encode(TOKENIZERS["qwen3"], TrainingRow("qa", pair, thinking=False), 500)


def test_a_students_family_brings_its_template(tmp_path: Path) -> None:
    student = HuggingFaceStudent(kind="huggingface", model="Qwen/Qwen3-0.6B")
    source = find_student(student, tmp_path)
    assert "enable_thinking" in source.template
    assert source.identity != StudentSource(source.where, source.revision).identity
    other = HuggingFaceStudent(kind="huggingface", model="HuggingFaceTB/SmolLM2-135M-Instruct")
    assert find_student(other, tmp_path).template == ""


def test_a_template_of_ones_own_is_used_and_a_missing_one_named(tmp_path: Path) -> None:
    (tmp_path / "profiles").mkdir()
    profile = tmp_path / "profiles" / "mine.yaml"
    profile.write_text("profile: mine\nmatches: ['*mine*']\ntraining_template: mine.jinja\n")
    student = HuggingFaceStudent(kind="huggingface", model="my/mine-1b")
    with pytest.raises(ConfigError, match=r"mine\.yaml: no such training template"):
        find_student(student, tmp_path)
    (profile.parent / "mine.jinja").write_text("{{ messages[0].content }}")
    assert find_student(student, tmp_path).template == "{{ messages[0].content }}"
