"""What `closedbook init --preset` writes: it loads, every value says where it is from, and the
published study's are the published ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from closedbook.checks import find_problems
from closedbook.cli.main import app
from closedbook.config import QUALITY, Config, load_config
from closedbook.config.template import FOLDER, PRESETS
from closedbook.flows import load_flow
from closedbook.mixing import load_recipe

REAL = tuple(name for name in PRESETS if name != "rehearsal")


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NVIDIA", "OPENAI", "COHERE"):
        monkeypatch.setenv(f"{name}_API_KEY", "x")


def init(folder: Path, preset: str) -> Result:
    """In a folder of documents beside which lie the files of QuALITY."""
    source = folder / "source"
    for file in ("documents/a.md", *QUALITY):
        (source / file).parent.mkdir(parents=True, exist_ok=True)
        (source / file).write_text("A town.")
    arguments = ["init", str(folder / "made"), "--from", str(source / "documents")]
    return CliRunner().invoke(app, [*arguments, "--preset", preset])


def config(folder: Path, preset: str) -> Config:
    assert init(folder, preset).exit_code == 0
    return load_config(folder / "made" / "closedbook.yaml")


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_is_taken_by_the_loader_and_its_flows_and_recipes_are_there(
    preset: str, tmp_path: Path
) -> None:
    made = config(tmp_path, preset)
    for flow in made.generate.flows:
        assert load_flow(flow, tmp_path).name == flow
    for name, arm in made.arms.items():
        load_recipe(arm.mix, name, tmp_path, made.generate.flows)


@pytest.mark.parametrize("preset", REAL)
def test_every_value_says_where_it_is_from(preset: str) -> None:
    for line in (FOLDER / f"{preset}.yaml").read_text(encoding="utf-8").splitlines():
        value, _, comment = line.partition(" # ")
        if line.lstrip().startswith("#") or not value.strip() or value.rstrip().endswith(":"):
            continue
        assert comment.strip(), line
        named = ("study", "QuALITY", "EntiGraph", "SMT", "Active Reading", "Qwen", "choice")
        assert any(source in comment for source in named), line


def test_the_published_study_is_as_published(tmp_path: Path) -> None:
    made = config(tmp_path, "nemotron-quality")
    teacher = made.teacher.model_dump()
    assert (teacher["temperature"], teacher["top_p"], teacher["thinking"]) == (0.6, 0.95, True)
    assert "nemotron-super-49b" in teacher["model"]
    assert "Nano-8B" in made.student.model_dump()["model"]
    trained = made.arms["customised"].train
    assert trained.trainer == "instructlab"
    assert trained.instructlab.model_dump() == {
        "epochs": 5,
        "learning_rate": 5e-6,
        "effective_batch_size": 256,
        "warmup_steps": 25,
        "max_seq_len": 20_000,
        "max_batch_len": 25_000,
        "gpus": 8,
    }
    for flow, step in (("reasoning-qa", "questions"), ("knowledge-qa", "write")):
        asks = {part.name: part.spec.ask for part in load_flow(flow, tmp_path).parts}
        ask = asks[step]
        assert ask is not None
        assert (ask.samples, ask.temperature, ask.top_p) == (5, 0.6, 0.95)
    recipe = load_recipe(made.mix, "customised", tmp_path, made.generate.flows)
    shares = {source.of: source.share for source in recipe.sources}
    assert (recipe.by, shares) == ("rows", {"pairs": "all", "summaries": "all", "replay": 0.5})
    assert made.exam is not None
    assert not isinstance(made.exam, str)
    assert made.exam.kind == "quality"
    assert "rag" in made.evaluate.conditions
    retrieval = made.evaluate.retrieval
    assert retrieval.rerank is not None
    assert (retrieval.candidates, made.evaluate.retrieved) == (128, 8)


def test_the_recommended_recipe_is_one_to_one_with_a_tenth_of_replay(tmp_path: Path) -> None:
    made = config(tmp_path, "mixed-training")
    recipe = load_recipe(made.mix, "customised", tmp_path, made.generate.flows)
    shares = {source.of: source.share for source in recipe.sources if source.share}
    assert recipe.by == "tokens"
    assert shares == {"pairs": 0.45, "study": 0.45, "replay": 0.10}
    makes = {load_flow(flow, tmp_path).makes for flow in made.generate.flows}
    assert makes == {"pairs", "study"}


def test_without_the_files_of_quality_it_says_how_to_get_them(tmp_path: Path) -> None:
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "a.md").write_text("A town.")
    arguments = ["init", tmp_path / "made", "--from", tmp_path / "documents"]
    made = CliRunner().invoke(app, [*map(str, arguments), "--preset", "nemotron-quality"])
    assert made.exit_code == 0
    assert "closedbook exam fetch quality --out" in made.stdout
    line = (tmp_path / "made" / "closedbook.yaml").read_text().splitlines().index("exam:")
    problems = find_problems(tmp_path / "made")
    assert any(f"closedbook.yaml:{line + 3}: no such file" in problem for problem in problems)


def test_a_preset_that_is_none_is_refused(tmp_path: Path) -> None:
    assert init(tmp_path, "nemotron").exit_code == 2
    assert yaml.safe_load((FOLDER / "rehearsal.yaml").read_text())["teacher"]["kind"] == "rehearsal"
