"""Who decides how an ask samples."""

from __future__ import annotations

from closedbook.config import Config
from closedbook.flows.sampling import resolved_sampling
from closedbook.flows.spec import AskSpec

ASK = AskSpec(prompt="p", into="text", temperature=0.2, thinking=False)
CONFIG = Config.model_validate(
    {
        "documents": "d",
        "teacher": {
            "kind": "endpoint",
            "base_url": "http://h/v1",
            "model": "m",
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


def test_without_a_config_the_rest_is_the_endpoints() -> None:
    assert [s.value for s in resolved_sampling(ASK, None)] == [0.2, None, None, False]
