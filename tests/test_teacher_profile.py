"""A project whose teacher has a profile: what is sent, what comes back, what `check` says of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import pytest
from anyio.from_thread import start_blocking_portal
from typer.testing import CliRunner

from closedbook import Project
from closedbook.cli.main import app
from closedbook.errors import ConfigError, UserError
from closedbook.events import Event, Notice
from closedbook.models.rehearsal.brief import read_brief
from closedbook.models.rehearsal.teacher import reply
from closedbook.records import Message, Rejection
from closedbook.simulator import Simulator, SimulatorSettings
from closedbook.store.rows import read_rows

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "new-teacher.md"
MADE = ("pairs.jsonl", "study.jsonl")


@contextmanager
def serving(simulator: Simulator) -> Iterator[Simulator]:
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(simulator) as served:
        yield served


def taught_by(folder: Path, simulator: Simulator, *keys: str) -> Path:
    """The project with the simulator as its teacher; `keys` are further lines of its section."""
    lines = ["kind: endpoint", f"base_url: {simulator.url}", f"model: {simulator.settings.model}"]
    section = "".join(f"  {line}\n" for line in (*lines, "attempts: 1", *keys))
    file = folder / "closedbook.yaml"
    own = file.read_text().replace("teacher: {kind: rehearsal}\n", "")
    file.write_text(f"{own}teacher:\n{section}")
    return folder


def check(folder: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", "-p", str(folder), *words])
    return result.exit_code, result.output


def made(folder: Path) -> list[bytes]:
    return [(folder / "out/generate" / name).read_bytes() for name in MADE]


def test_the_how_to_teaches_a_new_family(small_project: Path) -> None:
    profile, config = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    how = profile[profile.index("thinking:") : profile.index("sampling:")]
    assert len(how.splitlines()) <= 10
    (small_project / "profiles").mkdir()
    (small_project / "profiles/sage.yaml").write_text(profile)
    seen: list[tuple[Message, ...]] = []

    def thinking(messages: tuple[Message, ...], seed: int) -> str:
        seen.append(messages)
        return f"<ponder>Something {seed}.</ponder>\n{reply(read_brief(messages))}"

    simulator = Simulator(SimulatorSettings(model="sage-7b"), reply=thinking)
    with serving(simulator):
        file = small_project / "closedbook.yaml"
        file.write_text(config.replace("http://localhost:8000/v1", simulator.url))
        code, printed = check(small_project)
        assert code == 0, printed
        assert "profile sage (its name matches *sage*); thinking on" in printed
        counts = Project.open(small_project).run("generate").manifests["generate"].counts
    assert counts["pairs"] > 0
    assert all(messages[0].content.startswith("Mode: deliberate.") for messages in seen)
    assert b"ponder" not in b"".join(made(small_project))
    assert b"Something" not in b"".join(made(small_project))


def test_a_teachers_thinking_changes_nothing_it_teaches(small_project: Path) -> None:
    shapes = ["field", "short_field", "tags", "closing", "brackets", "channels", "swallowed"]
    folders = [copytree(small_project, small_project.parent / shape) for shape in shapes]
    Project.open(small_project).run("generate")
    for shape, folder in zip(shapes, folders, strict=True):
        settings = SimulatorSettings.model_validate({"reasoning": shape})
        with serving(Simulator(settings)) as simulator:
            Project.open(taught_by(folder, simulator)).run("generate")
        assert made(folder) == made(small_project), shape


def test_what_a_family_cannot_do_is_a_problem_of_the_config(small_project: Path) -> None:
    settings = SimulatorSettings(model="deepseek-ai/DeepSeek-R1")
    with serving(Simulator(settings)) as simulator:
        folder = taught_by(small_project, simulator, "thinking: false")
        line = (folder / "closedbook.yaml").read_text().splitlines().index("  thinking: false") + 1
        problem = (
            f"closedbook.yaml:{line}: teacher.thinking: thinking cannot be switched off: models of"
            " 'deepseek-r1' always think (leave thinking out, or choose another model or profile)"
        )
        code, printed = check(folder)
        assert (code, problem in printed) == (2, True), printed
        with pytest.raises(ConfigError, match="always think"):
            Project.open(folder)
        assert simulator.stats()["received"] == 0
        assert check(folder, "--set", "teacher.thinking=true")[0] == 0


def test_an_unknown_profile_is_a_problem_at_its_line(small_project: Path) -> None:
    with serving(Simulator()) as simulator:
        code, printed = check(taught_by(small_project, simulator, "profile: quen3"))
    assert code == 2
    assert "teacher.profile: no profile 'quen3' (did you mean 'qwen3'?)" in printed


@pytest.mark.parametrize(
    ("model", "keys", "served", "said"),
    [
        ("some-model", [], None, "profile plain (none matches the name 'some-model')"),
        (
            "some-model",
            [],
            None,
            "thinking as the model does by itself, whatever flows ask",
        ),
        ("some-model", [], None, "; context unknown: no document is split"),
        (
            "some-model",
            [],
            4096,
            "context 4,096 tokens, says the endpoint: documents of",
        ),
        (
            "llama-3.1-8b",
            [],
            8192,
            "thinking off, whatever flows ask; context 131,072",
        ),
        ("llama-3.1-8b", [], 8192, "takes only 8,192: set teacher.context: 8192"),
        ("some-model", ["context: 4096"], 4096, "documents of more than 2,048 are split\n"),
        ("other", ["profile: qwen3"], None, "profile qwen3 (named in the config); thinking on"),
    ],
)
def test_check_says_what_the_teacher_gets(
    model: str, keys: Sequence[str], served: int | None, said: str, small_project: Path
) -> None:
    with serving(Simulator(SimulatorSettings(model=model, context=served))) as simulator:
        code, printed = check(taught_by(small_project, simulator, *keys))
    assert code == 0
    assert said in printed
    assert [line.partition(" ")[0] for line in printed.splitlines()] == ["teacher", "no"]


def long_document() -> str:
    sections = [f"## Part {n}\n\n" + f"Heron has a bell number {n}. " * 60 for n in range(6)]
    return "\n\n".join(["# Chronicle", *sections])


def test_documents_are_split_to_the_context_and_again_when_it_changes(small_project: Path) -> None:
    (small_project / "documents/chronicle.md").write_text(long_document())
    settings = SimulatorSettings(context=2048)
    with serving(Simulator(settings)) as simulator:
        folder = taught_by(small_project, simulator, "context: 2048", "max_tokens: 400")
        project = Project.open(folder)
        events: list[Event] = []
        manifests = project.run("generate", events.append).manifests
        (notice,) = [e.text for e in events if isinstance(e, Notice) and e.stage == "documents"]
        assert notice.startswith("chronicle.md: split into ")
        assert manifests["documents"].counts["split"] == 1
        rejections = read_rows(folder / "out/generate/rejections.jsonl", Rejection)
        assert not [row for row in rejections if "400" in row.detail]
        assert project.run("generate").done == ()
        planned = Project.open(folder, ["teacher.context=131072"]).plan("documents")
        assert [(item.stage, item.why) for item in planned] == [
            ("documents", "changed setting: tokens")
        ]
        assert Project.open(folder, ["teacher.temperature=0.5"]).plan("documents") == ()


def test_where_only_the_endpoint_says_what_it_takes_that_counts(small_project: Path) -> None:
    (small_project / "documents/chronicle.md").write_text(long_document())
    with serving(Simulator(SimulatorSettings(model="nobodys", context=2048))) as simulator:
        folder = taught_by(small_project, simulator, "max_tokens: 400")
        counts = Project.open(folder).run("generate").manifests["documents"].counts
        assert counts["split"] == 1
        rejections = read_rows(folder / "out/generate/rejections.jsonl", Rejection)
        assert not [row for row in rejections if row.reason == "refused by the endpoint"]
    assert Project.open(folder).run("documents").done == (), "it is not asked again"
    events: list[Event] = []
    Project.open(folder, ["teacher.revision=b"]).run("documents", events.append)
    (notice,) = [event.text for event in events if isinstance(event, Notice)]
    assert notice.startswith("teacher nobodys: nothing says how much it can read")


@pytest.mark.slow
def test_the_shipped_flows_can_be_asked_of_any_family(small_project: Path) -> None:
    with serving(Simulator(SimulatorSettings(model="nobodys"))) as simulator:
        folder = taught_by(small_project, simulator)
        for profile in ("plain", "deepseek-r1", "llama"):
            wanted = ["generate.flows=[knowledge-qa]", f"teacher.profile={profile}"]
            project = Project.open(folder, wanted)
            assert project.run("generate").manifests["generate"].counts["asks"] > 100


def test_thinking_to_keep_is_not_asked_of_a_family_without(small_project: Path) -> None:
    with serving(Simulator(SimulatorSettings(model="nobodys"))) as simulator:
        folder = taught_by(small_project, simulator, "profile: llama")
        wanted = ["generate.flows=[reasoning-qa]"]
        code, printed = check(folder, "--set", *wanted)
        assert code == 2
        assert re.search(r"reasoning-qa.yaml:\d+: the teacher never thinks", printed)
        with pytest.raises(UserError, match="never thinks"):
            Project.open(folder, wanted).run("generate")
        assert simulator.stats()["received"] == 0


def test_a_document_too_long_becomes_a_rejection_that_says_what_to_set(small_project: Path) -> None:
    (small_project / "documents/chronicle.md").write_text(long_document())
    with serving(Simulator(SimulatorSettings(context=2500))) as simulator:
        folder = taught_by(small_project, simulator, "max_tokens: 600", "context: 131072")
        Project.open(folder).run("generate")
    refused = [
        row
        for row in read_rows(folder / "out/generate/rejections.jsonl", Rejection)
        if row.reason == "refused by the endpoint"
    ]
    assert {row.subject for row in refused} == {"chronicle.md"}
    assert "set teacher.context: 2500" in refused[0].detail


def test_what_decides_the_answers_makes_them_stale(small_project: Path) -> None:
    with serving(Simulator(SimulatorSettings(model="qwen3"))) as simulator:
        folder = taught_by(small_project, simulator)
        Project.open(folder).run("generate")
        for change, why in (
            ("teacher.thinking=false", "models.teacher.sampling.thinking"),
            ("teacher.temperature=0.1", "models.teacher.sampling.temperature"),
            ("teacher.profile=llama", "models.teacher.profile.profile"),
            ("teacher.revision=b", "models.teacher.model"),
        ):
            planned = {item.stage: item.why for item in Project.open(folder, [change]).plan()}
            assert why in planned["generate"], change
        assert Project.open(folder, ["teacher.concurrency=3"]).plan("generate") == ()
