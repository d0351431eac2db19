"""Every shape in which thinking comes back, read with every profile: thinking is never in the
text, and the text is never lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from closedbook.models.profiles import load_profile
from closedbook.models.profiles.loading import SHIPPED
from closedbook.models.replies import read_completion
from closedbook.records import Completion

PROFILES = sorted(file.stem for file in SHIPPED.glob("*.yaml"))
NEVER = {"llama", "mistral", "qwen3-instruct"}
OFF = NEVER | {"granite"}
"""Do not think unasked."""
WITHIN = {"deepseek-r1", "qwen3-thinking", "nemotron-3"}
"""Begin within their thinking."""

ONLY_THINK = ["deepseek-r1", "granite", "nemotron", "nemotron-v1", "nemotron-3", "qwen3"]
ONLY_THINK += ["qwen3-thinking"]
"""Known to use no other tags than <think>."""

Expected = tuple[str, str, bool]
"""Text, reasoning, whether it was cut off."""
YES: Expected = ("yes", "hm", False)
CUT: Expected = ("", "hm", True)
HARMONY = "<|channel|>analysis<|message|>hm<|end|><|start|>assistant<|channel|>final<|message|>yes"

# Name of the shape: message, finish_reason, what it holds, what it holds for certain profiles.
SHAPES: dict[str, tuple[dict[str, Any], str, Expected, dict[str, Expected]]] = {
    "no thinking": ({"content": "yes"}, "stop", ("yes", "", False), {}),
    "reasoning_content": ({"content": "yes", "reasoning_content": "hm"}, "stop", YES, {}),
    "reasoning": ({"content": "yes", "reasoning": "hm"}, "stop", YES, {}),
    "both fields": (
        {"content": "yes", "reasoning": "hm", "reasoning_content": "hm"},
        "stop",
        YES,
        {},
    ),
    "empty field": ({"content": "yes", "reasoning_content": ""}, "stop", ("yes", "", False), {}),
    "field null": ({"content": "yes", "reasoning": None}, "stop", ("yes", "", False), {}),
    "parts": (
        {
            "content": [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
                {"type": "text", "text": "yes"},
            ]
        },
        "stop",
        YES,
        {},
    ),
    "tags": ({"content": "<think>\nhm\n</think>\n\nyes"}, "stop", YES, {}),
    "tags in capitals": ({"content": "<THINK>hm</Think> yes"}, "stop", YES, {}),
    "closing tag alone": ({"content": "hm\n</think>\n\nyes"}, "stop", YES, {}),
    "unclosed": ({"content": "<think>hm"}, "length", CUT, {}),
    "unclosed, and said to be finished": ({"content": "<think>hm"}, "stop", CUT, {}),
    "an answer, then unclosed": (
        {"content": "yes<think>hm"},
        "length",
        ("", "yes\nhm", True),
        {},
    ),
    "cut off without any tag": (
        {"content": "hm"},
        "length",
        ("hm", "", True),
        dict.fromkeys(WITHIN, CUT),
    ),
    "cut off in the field": (
        {"content": None, "reasoning_content": "hm"},
        "length",
        CUT,
        dict.fromkeys(OFF, ("hm", "", True)),
    ),
    "several": (
        {"content": "<think>a</think>one<think>b</think>two"},
        "stop",
        ("one\ntwo", "a\nb", False),
        {},
    ),
    "nested": (
        {"content": "<think>a<think>b</think>c</think>yes"},
        "stop",
        ("yes", "a\nb\nc", False),
        {},
    ),
    "within a judge's answer": (
        {"content": "[REASON]<think>hm</think>is so[VERDICT]YES[END]"},
        "stop",
        ("[REASON]\nis so[VERDICT]YES[END]", "hm", False),
        {},
    ),
    "empty thinking": ({"content": "<think>\n\n</think>\n\nyes"}, "stop", ("yes", "", False), {}),
    "nothing at all": ({"content": ""}, "stop", ("", "", False), {}),
    "field and a closing tag left over": (
        {"content": "</think>\n\nyes", "reasoning_content": "hm"},
        "stop",
        YES,
        {},
    ),
    "field with its tags": (
        {"content": "yes", "reasoning_content": "<think>hm</think>"},
        "stop",
        YES,
        {},
    ),
    "answer in the field, after the end of thinking": (
        {"content": "", "reasoning_content": "hm</think>yes"},
        "stop",
        YES,
        {},
    ),
    "answer in the field, and nothing else": (
        {"content": "", "reasoning": "hm"},
        "stop",
        CUT,
        dict.fromkeys(OFF, ("hm", "", False)),
    ),
    "[THINK]": (
        {"content": "[THINK]hm[/THINK]yes"},
        "stop",
        YES,
        dict.fromkeys(ONLY_THINK, ("[THINK]hm[/THINK]yes", "", False)),
    ),
    "granite 3.3": (
        {"content": "<think>hm</think><response>yes</response>"},
        "stop",
        ("<response>yes</response>", "hm", False),
        {"granite": YES},
    ),
    "granite 3.2": (
        {"content": "Here is my thought process: hm Here is my response: yes"},
        "stop",
        ("Here is my thought process: hm Here is my response: yes", "", False),
        {"granite": YES},
    ),
    "channels": ({"content": HARMONY}, "stop", YES, {}),
    "channels to the end": ({"content": HARMONY + "<|return|>"}, "stop", YES, {}),
    "channels with a commentary": (
        {"content": "<|channel|>commentary to=x <|constrain|>json<|message|>hm<|call|>" + HARMONY},
        "stop",
        ("yes", "hm\nhm", False),
        {},
    ),
    "only the channel of thinking": (
        {"content": "<|channel|>analysis<|message|>hm"},
        "length",
        CUT,
        {},
    ),
    "channels without their marks": (
        {"content": "analysisHm.assistantfinalyes"},
        "stop",
        ("analysisHm.assistantfinalyes", "", False),
        {"gpt-oss": ("yes", "Hm.", False)},
    ),
    "an answer that begins with the word": (
        {"content": "analysis of the town"},
        "stop",
        ("analysis of the town", "", False),
        {},
    ),
}


def read(shape: str, profile: str, wanted: bool | None = None) -> Completion:
    message, finish, _, _ = SHAPES[shape]
    reply = {"choices": [{"message": message, "finish_reason": finish}]}
    return read_completion(reply, load_profile(profile, Path()).thinking, wanted)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_with_every_profile(shape: str) -> None:
    _, _, usual, special = SHAPES[shape]
    completions = {profile: read(shape, profile) for profile in PROFILES}
    found = {name: (one.text, one.reasoning, one.truncated) for name, one in completions.items()}
    assert found == {profile: special.get(profile, usual) for profile in PROFILES}


def test_a_model_told_not_to_think_does_not_begin_within_its_thinking() -> None:
    assert read("cut off without any tag", "nemotron-3", wanted=False).text == "hm"
    assert read("cut off without any tag", "nemotron-3", wanted=True).text == ""


def test_all_of_the_field_is_the_answer_of_a_model_told_not_to_think() -> None:
    shape = "answer in the field, and nothing else"
    assert read(shape, "qwen3", wanted=False).text == "hm"
    assert read(shape, "granite", wanted=True).text == ""
