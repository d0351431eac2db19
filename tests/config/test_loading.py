"""closedbook.yaml: what is refused, where, and with what advice."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook.config import Config, examine_config, load_config
from closedbook.config.template import render_template
from closedbook.errors import ConfigError

MINIMAL = """\
documents: documents
teacher:
  kind: rehearsal
student:
  kind: rehearsal
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "documents").mkdir()
    (tmp_path / "exam.jsonl").write_text("")
    return tmp_path


def load(project: Path, text: str, *overrides: str) -> Config:
    file = project / "closedbook.yaml"
    file.write_text(text)
    return load_config(file, overrides)


def problems(project: Path, text: str, *overrides: str) -> list[str]:
    file = project / "closedbook.yaml"
    file.write_text(text)
    return [
        str(problem).replace(f"{project}/", "") for problem in examine_config(file, overrides)[1]
    ]


def test_what_is_left_out_has_defaults(project: Path) -> None:
    config = load(project, MINIMAL)
    assert list(config.arms) == ["customised"]
    assert config.arms["customised"].mix == config.mix
    assert config.arms["customised"].train.learning_rate == 1.4e-3


def test_the_written_template_is_valid(project: Path) -> None:
    config = load(project, render_template("documents", "exam.jsonl"))
    assert config.exam == "exam.jsonl"
    assert load(project, render_template("documents", None)).exam is None


def test_the_template_survives_awkward_names(project: Path) -> None:
    (project / "it's: a #folder").mkdir()
    config = load(project, render_template("it's: a #folder", None))
    assert config.documents == "it's: a #folder"


def test_arms_name_only_what_differs(project: Path) -> None:
    text = MINIMAL + (
        "mix: {tokens: 1000}\n"
        "train: {epochs: 2}\n"
        "arms:\n"
        "  customised:\n"
        "  raw: {mix: {shares: {documents: 1}}, train: {seed: 7}}\n"
    )
    arms = load(project, text).arms
    assert arms["customised"].mix.tokens == arms["raw"].mix.tokens == 1000
    assert arms["raw"].mix.shares == {"documents": 1}
    assert (arms["raw"].train.epochs, arms["raw"].train.seed) == (2, 7)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ("trian: {}", "closedbook.yaml:6: unknown key 'trian' (did you mean 'train'?)"),
        ("mix: {tokens: many}", "closedbook.yaml:6: 'mix.tokens': Input should be a valid integer"),
        ("mix: {shares: {qa: 0.5}}", "closedbook.yaml:6: 'mix.shares': the shares add up to 0.5"),
        ("train:\n  batch: 3", "closedbook.yaml:7: unknown key 'train.batch'"),
        ("exam: gone.jsonl", "closedbook.yaml:6: no such file: gone.jsonl"),
        ("arms:\n  base: {}", "closedbook.yaml:6: 'arms': 'base' is the untrained student"),
        ("arms:\n  raw:\n    mix: {replay: gone}", "closedbook.yaml:8: no such file: gone"),
        ("generate: 5", "closedbook.yaml:6: 'generate' must hold keys and values, not 5"),
        ("generate: {flows: qa}", "closedbook.yaml:6: 'generate.flows' must be a list, not"),
    ],
)
def test_a_mistake_is_named_where_it_stands(project: Path, added: str, expected: str) -> None:
    (problem,) = problems(project, MINIMAL + added)
    assert problem.startswith(expected)


def test_a_mistake_in_shared_settings_is_told_once(project: Path) -> None:
    text = MINIMAL + "train: {epochs: -1}\narms: {customised: {}, raw: {train: {seed: 1}}}\n"
    (problem,) = problems(project, text)
    assert "closedbook.yaml:6" in problem


def test_an_unknown_kind_lists_the_known_ones(project: Path) -> None:
    (problem,) = problems(project, MINIMAL.replace("kind: rehearsal\nstudent", "kind: x\nstudent"))
    assert problem.startswith("closedbook.yaml:3: 'teacher' needs a known kind")
    assert "'endpoint'" in problem


def test_a_missing_key_and_a_missing_folder(project: Path) -> None:
    assert problems(project, "documents: documents\n")[0].startswith(
        "closedbook.yaml:1: the key 'teacher' is missing"
    )
    (problem,) = problems(project, MINIMAL + "exam: ''\n")
    assert problem.startswith("closedbook.yaml:6: 'exam'")
    (problem,) = problems(project, MINIMAL.replace("documents: documents", "documents: papers"))
    assert problem.startswith("closedbook.yaml:1: no such folder: papers")


def test_environment_variables(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    teacher = "teacher: {kind: endpoint, base_url: http://h/v1, model: m, api_key: '${THE_KEY}'}\n"
    text = f"documents: documents\n{teacher}student: {{kind: rehearsal}}\n"
    monkeypatch.delenv("THE_KEY", raising=False)
    (problem,) = problems(project, text)
    assert problem.startswith("closedbook.yaml:2: the environment variable THE_KEY is not set")
    monkeypatch.setenv("THE_KEY", "secret")
    assert getattr(load(project, text).teacher, "api_key", None) == "secret"


def test_overrides_win_and_their_mistakes_are_theirs(project: Path) -> None:
    assert load(project, MINIMAL, "mix.tokens=5000").arms["customised"].mix.tokens == 5000
    assert load(project, MINIMAL, "train.learning_rate=1e-4").train.learning_rate == 1e-4
    (problem,) = problems(project, MINIMAL, "mix.tokens=-5")
    assert problem.startswith("--set mix.tokens=-5: 'mix.tokens'")
    assert problems(project, MINIMAL, "mix")[0].startswith("--set mix: no key=value")
    assert "not a section" in problems(project, MINIMAL, "documents.x=1")[0]


def test_every_problem_is_found_at_once(project: Path) -> None:
    text = MINIMAL + "one: 1\ntrain: {epochs: 0}\nexam: ${GONE_VARIABLE}\n"
    found = problems(project, text)
    assert [problem.partition(": ")[0] for problem in found] == [
        "closedbook.yaml:8",
        "closedbook.yaml:6",
        "closedbook.yaml:7",
    ]


def test_no_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="closedbook init"):
        load_config(tmp_path / "closedbook.yaml")


def test_a_real_student_has_no_builtin_replay(project: Path) -> None:
    text = MINIMAL.replace("student:\n  kind: rehearsal", "student: {kind: huggingface, model: m}")
    assert "built-in replay belongs" in problems(project, text, "mix.replay=builtin")[0]
    config = load(project, text)
    assert config.arms["customised"].mix.replay == "none"
    assert config.arms["customised"].train.learning_rate == 1e-5


ADDRESS = "base_url: 'http://h/v1', model: m"
PRICED = f"""\
documents: documents
teacher: {{kind: endpoint, {ADDRESS}, price: {{prompt: 1, completion: 1}}}}
student: {{kind: rehearsal}}
budget: {{usd: 5}}
"""


@pytest.mark.parametrize(
    ("key", "asked", "price"),
    [
        (
            "retrieval.embedding",
            f"{{retrieval: {{embedding: {{kind: endpoint, {ADDRESS}PRICE}}}}}}",
            "0.1",
        ),
        ("retrieval.rerank", f"{{retrieval: {{rerank: {{{ADDRESS}PRICE}}}}}}", "0"),
        (
            "models.other",
            f"{{models: {{other: {{kind: endpoint, {ADDRESS}PRICE}}}}}}",
            "{prompt: 1, completion: 1}",
        ),
    ],
)
def test_a_cap_in_usd_needs_the_price_of_everything_that_is_asked(
    project: Path, key: str, asked: str, price: str
) -> None:
    text = f"{PRICED}evaluate: {asked}\n"
    (problem,) = problems(project, text.replace("PRICE", ""))
    assert f"closedbook.yaml:5: 'evaluate': a cap in usd needs evaluate.{key}.price" in problem
    assert not problems(project, text.replace("PRICE", f", price: {price}"))
    assert not problems(project, text.replace("PRICE", "").replace("usd: 5", "requests: 5"))


@pytest.mark.parametrize("model", ["./gone", "~/gone", "/gone", "../gone", "a/b/gone"])
def test_a_student_that_can_only_be_a_folder_must_be_there(project: Path, model: str) -> None:
    (project / "made" / "here").mkdir(parents=True)
    text = MINIMAL.replace("student:\n  kind: rehearsal", "student:\n  kind: huggingface")
    (problem,) = problems(project, f"{text}  model: {model}\n")
    assert "closedbook.yaml:6: no such folder: " in problem
    for there in ("owner/model", "gpt2", "out/train/customised/model", "./made/here"):
        assert problems(project, f"{text}  model: {there}\n") == []


@pytest.mark.parametrize("evaluate", ["", "evaluate: {seed: 1}\n"])
def test_who_can_read_options_writes_the_answer_unless_told_otherwise(
    project: Path, evaluate: str
) -> None:
    assert load(project, f"{MINIMAL}{evaluate}").evaluate.answering == "turn"
    text = MINIMAL.replace("student:\n  kind: rehearsal", "student: {kind: huggingface, model: m}")
    published = f"{text}{evaluate}"
    assert load(project, published).evaluate.answering == "generate"
    told = load(project, published, "evaluate.answering=letter")
    assert told.evaluate.answering == "letter"


def test_paths_are_told_without_detours(project: Path) -> None:
    (problem,) = problems(project, MINIMAL.replace("documents: documents", "documents: a/../gone"))
    assert problem.startswith("closedbook.yaml:1: no such folder: gone (")


def test_a_section_without_its_kind_says_which_there_are(project: Path) -> None:
    text = MINIMAL.replace("student:\n  kind: rehearsal", "student: rehearsal")
    (problem,) = problems(project, text)
    assert problem.endswith("not 'rehearsal' (write student: {kind: rehearsal})")
    (problem,) = problems(project, MINIMAL + "exam: {path: exam.jsonl}")
    assert problem.endswith("'exam' needs a known kind (kind: one of 'file', 'quality')")


def test_an_address_ends_before_the_name_of_a_method(project: Path) -> None:
    asked = "teacher: {kind: endpoint, model: m, base_url: 'http://h/v1/chat/completions'}"
    (problem,) = problems(project, MINIMAL.replace("teacher:\n  kind: rehearsal", asked))
    assert "'teacher.base_url': the address ends before '/chat/completions'" in problem
    base = asked.replace("h/v1/chat/completions", "h.services.ai.azure.com/models")
    assert not problems(project, MINIMAL.replace("teacher:\n  kind: rehearsal", base))


@pytest.mark.parametrize(
    "added",
    [
        "models: {a: ['${THE_KEY}']}",
        "mix: {tokens: '${THE_KEY}'}",
        "models: {a: {kind: endpoint, model: m, base_url: 'http://u:${THE_KEY}@h/embeddings'}}",
        "models: {a: {kind: endpoint, model: m, base_url: 'ftp://u:${THE_KEY}@h/v1'}}",
    ],
)
def test_a_secret_from_the_environment_is_not_shown(
    project: Path, monkeypatch: pytest.MonkeyPatch, added: str
) -> None:
    monkeypatch.setenv("THE_KEY", "hush")
    (problem,) = problems(project, MINIMAL + added)
    assert problem.startswith("closedbook.yaml:6: '")
    assert "hush" not in problem
    assert ("not ['${THE_KEY}'] (" in problem) == ("['" in added)


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        ("teacher: {kind: rehearsal, model: x}", "unknown key 'teacher.model' (known here: kind)"),
        (
            "exam: {kind: file, path: exam.jsonl, titles: all}",
            "unknown key 'exam.titles' (known here: choose, choose_by, frozen, kind, path, seed)",
        ),
        (
            "models: {endpoint: {kind: rehearsal, model: x}}",
            "unknown key 'models.endpoint.model' (known here: kind)",
        ),
    ],
)
def test_an_unknown_key_is_compared_with_those_of_its_kind(
    project: Path, section: str, expected: str
) -> None:
    text = (
        MINIMAL
        if "teacher" not in section
        else MINIMAL.replace("teacher:\n  kind: rehearsal\n", "")
    )
    (problem,) = problems(project, f"{text}{section}\n")
    assert problem.endswith(f": {expected}")


@pytest.mark.parametrize(
    ("exam", "expected"),
    [
        ("titles: 5", "'exam.titles': Input should be 'all' or 'tutorial', not 5"),
        ("titles: [1]", "'exam.titles': Input should be 'all' or 'tutorial', not [1]"),
        ("path: [exam.jsonl, 5]", "'exam.path': Input should be a valid string, not ['exam.jsonl"),
    ],
)
def test_what_may_be_a_text_or_a_list_and_is_neither_is_told_once(
    project: Path, exam: str, expected: str
) -> None:
    path = "" if "path" in exam else "path: exam.jsonl, "
    (problem,) = problems(project, f"{MINIMAL}exam: {{kind: quality, {path}{exam}}}")
    assert problem.startswith(f"closedbook.yaml:6: {expected}")


@pytest.mark.parametrize("value", [".nan", ".inf", "1e999"])
def test_a_cap_that_is_no_number_is_not_no_cap(project: Path, value: str) -> None:
    expected = rf"'budget\.usd': Input should be a valid number, not '{value}'"
    with pytest.raises(ConfigError, match=expected):
        load(project, f"{MINIMAL}budget: {{usd: {value}}}\n")
    with pytest.raises(ConfigError, match=expected):
        load(project, MINIMAL, f"budget.usd={value}")
