"""Which profile a model gets, what a profile file may say, and what is sent because of it."""

from __future__ import annotations

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import EndpointTeacher
from closedbook.engine import request_key
from closedbook.errors import ClosedbookError, ConfigError, UserError
from closedbook.models.chat import ChatRequest, Sampling
from closedbook.models.profiles import choose_profile, load_profile, loading
from closedbook.models.resolving import body_of, resolve
from closedbook.records import Message

REQUEST = ChatRequest((Message("system", "Be brief."), Message("user", "Why?")))


def settings(**changes: Any) -> EndpointTeacher:
    keys = {"kind": "endpoint", "base_url": "http://127.0.0.1:1", "model": "m"}
    return EndpointTeacher.model_validate({**keys, **changes})


def sent(profile: str, request: ChatRequest = REQUEST, **changes: Any) -> dict[str, Any]:
    """The body of the request with a shipped profile."""
    known = load_profile(profile, Path("nowhere"))
    return body_of(resolve(request, settings(**changes), known), "m")


def turns(body: dict[str, Any]) -> list[str]:
    return [f"{turn['role']}: {turn['content']}" for turn in body["messages"]]


@pytest.mark.parametrize(
    ("model", "profile"),
    [
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1", "nemotron-v1"),
        ("nvidia/llama-3.3-nemotron-super-49b-v1", "nemotron-v1"),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1-FP8", "nemotron-v1"),
        ("nvidia/Llama-3.1-Nemotron-Nano-4B-v1.1", "nemotron-v1"),
        ("nvidia/Llama-3.1-Nemotron-Nano-8B-v1", "nemotron-v1"),
        ("nvidia/Llama-3_3-Nemotron-Super-49B-v1_5", "nemotron"),
        ("nvidia/llama-3.3-nemotron-super-49b-v1.5", "nemotron"),
        ("nvidia/NVIDIA-Nemotron-Nano-9B-v2", "nemotron"),
        ("nvidia/NVIDIA-Nemotron-3-Nano-30B-A3B-BF16", "nemotron-3"),
        ("nvidia/nemotron-3-nano-30b-a3b", "nemotron-3"),
        ("nvidia/Llama-3.1-Nemotron-70B-Instruct-HF", "llama"),
        ("Qwen/Qwen3-8B", "qwen3"),
        ("qwen3:8b", "qwen3"),
        ("Qwen/Qwen3-30B-A3B-Instruct-2507", "qwen3-instruct"),
        ("Qwen/Qwen3-30B-A3B-Thinking-2507-FP8", "qwen3-thinking"),
        ("deepseek-ai/DeepSeek-R1-0528", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-R1-Distill-Llama-70B", "deepseek-r1"),
        ("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B", "deepseek-r1"),
        ("openai/gpt-oss-120b", "gpt-oss"),
        ("meta-llama/Llama-3.3-70B-Instruct", "llama"),
        ("mistralai/Mistral-Small-3.2-24B-Instruct-2506", "mistral"),
        ("mistralai/Magistral-Small-2509", "magistral"),
        ("ibm-granite/granite-3.3-8b-instruct", "granite"),
        ("some-model", "plain"),
    ],
)
def test_a_models_name_chooses_its_profile(model: str, profile: str, tmp_path: Path) -> None:
    assert choose_profile(None, model, tmp_path).profile.profile == profile


SYSTEM = ["system: Be brief.", "user: Why?"]
Cell = tuple[list[str], dict[str, object]] | None
"""Turns and further fields; None if it cannot be switched so."""
KWARGS = "chat_template_kwargs"


@pytest.mark.parametrize(
    ("profile", "on", "off"),
    [
        (
            "nemotron-v1",
            (["system: detailed thinking on\n\nBe brief.", SYSTEM[1]], {}),
            (["system: detailed thinking off\n\nBe brief.", SYSTEM[1]], {}),
        ),
        (
            "nemotron",
            (["system: /think\n\nBe brief.", SYSTEM[1]], {}),
            (["system: /no_think\n\nBe brief.", SYSTEM[1]], {}),
        ),
        (
            "nemotron-3",
            (SYSTEM, {KWARGS: {"enable_thinking": True}}),
            (SYSTEM, {KWARGS: {"enable_thinking": False}}),
        ),
        (
            "qwen3",
            (SYSTEM, {KWARGS: {"enable_thinking": True}}),
            (SYSTEM, {KWARGS: {"enable_thinking": False}}),
        ),
        ("qwen3-instruct", None, (SYSTEM, {})),
        ("qwen3-thinking", (SYSTEM, {}), None),
        ("deepseek-r1", (SYSTEM, {}), None),
        ("gpt-oss", (SYSTEM, {"reasoning_effort": "medium"}), None),
        ("llama", None, (SYSTEM, {})),
        ("mistral", None, (SYSTEM, {})),
        (
            "granite",
            (SYSTEM, {KWARGS: {"thinking": True}}),
            (SYSTEM, {KWARGS: {"thinking": False}}),
        ),
        ("plain", None, None),
    ],
)
def test_how_each_family_is_switched(profile: str, on: Cell, off: Cell) -> None:
    for wanted, cell in ((True, on), (False, off)):
        if cell is None:
            with pytest.raises(UserError, match="switch"):
                sent(profile, thinking=wanted)
            continue
        body = sent(profile, thinking=wanted)
        further = {
            key: body[key] for key in body if key in (KWARGS, "reasoning_effort", "thinking")
        }
        assert (turns(body), further) == cell
    assert turns(sent(profile)) == SYSTEM
    assert KWARGS not in sent(profile)


def test_a_request_overrules_the_config() -> None:
    asked = ChatRequest(REQUEST.messages, thinking=False)
    assert sent("qwen3", asked, thinking=True)[KWARGS] == {"enable_thinking": False}


def test_a_system_turn_is_added_where_there_is_none() -> None:
    body = sent("nemotron-v1", ChatRequest((Message("user", "Why?"),)), thinking=True)
    assert turns(body) == ["system: detailed thinking on", "user: Why?"]


def test_sampling_is_the_requests_then_the_configs_then_the_profiles() -> None:
    def sampling(asked: Sampling = Sampling(), **changes: Any) -> dict[str, object]:  # noqa: B008
        body = sent("qwen3", ChatRequest(REQUEST.messages, asked), **changes)
        return {key: body[key] for key in body if key not in ("model", "messages", KWARGS)}

    assert sampling() == {"temperature": 0.6, "top_p": 0.95}
    assert sampling(thinking=False) == {"temperature": 0.7, "top_p": 0.8}
    assert sampling(temperature=0.0) == {"temperature": 0.0, "top_p": 0.95}
    assert sampling(Sampling(temperature=0.2), temperature=0.9)["temperature"] == 0.2
    assert sampling(max_tokens=9) == {"temperature": 0.6, "top_p": 0.95, "max_tokens": 9}
    further = sampling(takes_top_k=True)
    assert (further["top_k"], further["min_p"]) == (20, 0)
    assert sent("plain").keys() == {"model", "messages"}


def test_the_key_is_of_what_is_sent() -> None:
    def key(profile: str, **changes: Any) -> bytes:
        known = load_profile(profile, Path("nowhere"))
        return request_key("m", resolve(REQUEST, settings(**changes), known))

    assert key("plain") == request_key("m", REQUEST), "a profile that adds nothing changes no key"
    assert key("deepseek-r1", thinking=True) == key("deepseek-r1")
    keys = [
        key("plain"),
        key("plain", temperature=0.6),
        key("qwen3"),
        key("qwen3", thinking=True),
        key("qwen3", thinking=False),
        key("qwen3", takes_top_k=True),
        key("nemotron", thinking=False),
    ]
    assert len(set(keys)) == len(keys)


def write(folder: Path, name: str, text: str) -> Path:
    (folder / "profiles").mkdir(exist_ok=True)
    file = folder / "profiles" / f"{name}.yaml"
    file.write_text(text)
    return file


def test_the_projects_own_profile_comes_first(tmp_path: Path) -> None:
    write(tmp_path, "qwen3", "profile: qwen3\ncontext: 7777\n")
    assert load_profile("qwen3", tmp_path).context == 7777
    write(tmp_path, "ours", "profile: ours\nmatches: ['*8B*']\n")
    chosen = choose_profile(None, "Qwen/Qwen3-8B", tmp_path)
    assert (chosen.profile.profile, chosen.why) == ("ours", "its name matches *8B*")
    assert choose_profile("llama", "Qwen/Qwen3-8B", tmp_path).why == "named in the config"


def test_a_package_may_bring_profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path, "theirs", "profile: theirs\ncontext: 99\n")

    class Point(EntryPoint):
        def load(self) -> Path:
            return file

    def points(group: str) -> list[EntryPoint]:
        assert group == "closedbook.profiles"
        return [Point("theirs", "package:FILE", group)]

    monkeypatch.setattr(loading, "announced", points)
    assert load_profile("theirs", Path("nowhere")).context == 99


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("profile: bad\nmatchs: [a]\n", 2, "unknown key 'matchs' (did you mean 'matches'?)"),
        (
            "profile: bad\nthinking:\n  default: true\n  enabel: {}\n",
            4,
            "unknown key 'thinking.enabel' (did you mean 'enable'?)",
        ),
        (
            "profile: bad\nthinking:\n  enable:\n    body: {temperature: 1}\n",
            4,
            "'thinking.enable.body': temperature: not by a switch",
        ),
        ("profile: bad\nsampling:\n  thinking: {top_p: 2}\n", 3, "'sampling.thinking.top_p'"),
        ("profile: bad\ncontext: many\n", 2, "'context'"),
        ("context: 5\n", 1, "the key 'profile' is missing (add it)"),
        ("profile: good\n", 1, "named 'good', but its file 'bad'"),
        ("profile: [\n", 2, "not YAML"),
        ("just text\n", 1, "a profile must hold keys and values"),
    ],
)
def test_a_mistake_is_shown_where_it_was_made(
    text: str, line: int, message: str, tmp_path: Path
) -> None:
    file = write(tmp_path, "bad", text)
    with pytest.raises(ConfigError) as caught:
        load_profile("bad", tmp_path)
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert message in str(caught.value)


def test_an_unknown_name_gets_the_nearest_one(tmp_path: Path) -> None:
    with pytest.raises(ClosedbookError, match=r"no profile 'quen3' \(did you mean 'qwen3'\?\)"):
        load_profile("quen3", tmp_path)
