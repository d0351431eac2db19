"""Who decides how an ask samples."""

from __future__ import annotations

from closedbook.config import Config
from closedbook.flows.sampling import Setting, resolved_sampling
from closedbook.flows.spec import AskSpec

ASK = AskSpec(prompt="p", into="text", temperature=0.2, thinking=False)
CONFIG = Config.model_validate(
    {
        "documents": "d",
        "teacher": {
            "kind": "endpoint",
            "base_url": "http://h/v1",
            "model": "granite-3.3",
            "temperature": 0.9,
            "max_tokens": 7,
        },
        "student": {"kind": "rehearsal"},
    }
)


def test_the_flow_comes_before_the_config_and_that_before_the_endpoint() -> None:
    assert [(s.name, s.value, s.source) for s in resolved_sampling(ASK, CONFIG)] == [
        ("temperature", 0.2, "the flow"),
        ("top_p", None, "the endpoint's default"),
        ("max_tokens", 7, "closedbook.yaml"),
        ("thinking", False, "the flow"),
    ]


def test_a_model_of_another_role_has_its_own_settings() -> None:
    judge = CONFIG.teacher.model_copy(update={"max_tokens": 9})
    config = CONFIG.model_copy(update={"models": {"judge": judge}})
    asked = ASK.model_copy(update={"model": "judge"})
    assert [s.value for s in resolved_sampling(asked, config)] == [0.2, None, 9, False]
    assert resolved_sampling(ASK, config) == resolved_sampling(ASK, CONFIG)


def test_what_a_profile_recommends_is_told_where_nobody_says_otherwise() -> None:
    qwen = CONFIG.teacher.model_copy(update={"model": "Qwen/Qwen3-8B", "takes_top_k": True})
    config = CONFIG.model_copy(update={"teacher": qwen})
    asked = AskSpec(prompt="p", into="text", thinking=True)
    assert [(s.name, s.value, s.source) for s in resolved_sampling(asked, config)] == [
        ("temperature", 0.9, "closedbook.yaml"),
        ("top_p", 0.95, "profile qwen3"),
        ("max_tokens", 7, "closedbook.yaml"),
        ("thinking", True, "the flow"),
        ("top_k", 20, "profile qwen3"),
        ("min_p", 0, "profile qwen3"),
    ]


def test_what_a_family_cannot_be_switched_to_is_left_to_it_and_said() -> None:
    teacher = CONFIG.teacher.model_copy(update={"model": "DeepSeek-R1"})
    config = CONFIG.model_copy(update={"teacher": teacher})
    assert resolved_sampling(ASK, config)[-1] == Setting(
        "thinking", None, "the model's way; profile deepseek-r1 cannot switch it"
    )


def test_without_a_config_the_rest_is_the_endpoints() -> None:
    assert [s.value for s in resolved_sampling(ASK, None)] == [0.2, None, None, False]
