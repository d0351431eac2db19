"""The command line: exit codes, one line per mistake, and what each command prints."""

from __future__ import annotations

import errno
from importlib.metadata import version
from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner, Result

from closedbook import Project
from closedbook.cli.errors import plain_errors
from closedbook.cli.main import app
from closedbook.records import Document
from closedbook.store import write_rows


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def assert_refused(result: Result, *parts: str) -> None:
    """Exit code 2 and exactly one line on standard error, without a traceback."""
    assert result.exit_code == 2
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("error: ")
    for part in parts:
        assert part in line


def test_world_and_init_lead_to_a_project_that_checks_out(tmp_path: Path) -> None:
    assert invoke("world", "--seed", -3, "--out", tmp_path / "w").exit_code == 0
    made = invoke("init", tmp_path / "p", "--from", tmp_path / "w")
    assert made.exit_code == 0
    assert f"exam: {tmp_path}/w/exam.jsonl" in made.stdout
    checked = invoke("check", "-p", tmp_path / "p")
    assert (checked.exit_code, checked.stdout) == (0, "no problems found\n")
    plan = invoke("run", "-p", tmp_path / "p", "--plan")
    assert "documents            not done yet" in plan.stdout
    assert not (tmp_path / "p" / "out").exists()


def test_init_finds_an_exam_beside_the_documents_and_never_overwrites(small_project: Path) -> None:
    folder = small_project.parent / "other"
    assert "exam.jsonl" in invoke("init", folder, "--from", small_project / "documents").stdout
    assert "exam: ../project/exam.jsonl" in (folder / "closedbook.yaml").read_text()
    assert_refused(invoke("init", folder, "--from", small_project / "documents"), "exists already")
    assert_refused(invoke("init", folder / "x", "--from", folder / "gone"), "no such folder")


def test_init_tells_what_is_wrong_with_the_exam(small_project: Path) -> None:
    exam = small_project / "bad.csv"
    exam.write_text("question,A,B,answer\nWhich?,x,y,C\nWhere?,x,y,D\n")
    made = invoke(
        "init", small_project / "new", "--from", small_project / "documents", "--exam", exam
    )
    assert made.exit_code == 0, made.output
    assert f"to be mended before a run: {exam}:2: the answer 'C' is none" in made.output
    assert "; 2 problems in all" in made.output


def test_a_project_inside_its_documents_is_refused(small_project: Path) -> None:
    inside = small_project / "documents" / "project"
    refused = invoke("init", inside, "--from", small_project / "documents")
    assert_refused(refused, "its results would become documents")
    file = small_project / "closedbook.yaml"
    file.write_text(file.read_text().replace("documents: documents", "documents: ."))
    assert_refused(invoke("run", "-p", small_project), f"{file}:1: the project lies inside")


def test_an_exam_below_out_is_refused(small_project: Path) -> None:
    (small_project / "out" / "exam").mkdir(parents=True)
    (small_project / "out" / "exam" / "exam.jsonl").write_text("")
    refused = invoke("run", "-p", small_project, "--set", "exam=out/exam/exam.jsonl")
    assert_refused(refused, "is below out/", "copy the file out of it")


def test_a_rehearsal_needs_no_key(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONE_KEY", raising=False)
    file = small_project / "closedbook.yaml"
    teacher = "{kind: endpoint, base_url: 'http://h/v1', model: m, api_key: '${GONE_KEY}'}"
    file.write_text(file.read_text().replace("{kind: rehearsal}\nstudent", f"{teacher}\nstudent"))
    assert_refused(invoke("run", "-p", small_project), "GONE_KEY is not set")
    assert Project.open_rehearsal(small_project).config.teacher.kind == "rehearsal"
    assert Project.open_rehearsal(small_project, ["mix.tokens=77"]).config.mix.tokens == 77


@pytest.mark.parametrize("command", [["run"], ["status"], ["run", "--plan"], ["check"]])
def test_an_unknown_key_is_one_line_with_its_place(small_project: Path, command: list[str]) -> None:
    file = small_project / "closedbook.yaml"
    file.write_text(f"{file.read_text()}trian: {{}}\n")
    refused = invoke(*command, "-p", small_project)
    assert_refused(refused, f"{file}:7: unknown key 'trian'", "did you mean 'train'?")


def test_the_version_is_that_of_the_package() -> None:
    assert invoke("--version").stdout == f"{version('closedbook')}\n"


def test_no_project_says_how_to_make_one(tmp_path: Path) -> None:
    assert_refused(invoke("run", "-p", tmp_path), "no such file", "closedbook init")
    assert_refused(invoke("rehearse", tmp_path / "gone"), "no such file")
    for command in (["status"], ["journal"], ["flow", "check"]):
        assert_refused(invoke(*command, "-p", tmp_path / "gone"), "there is no such folder")
    (tmp_path / "file").touch()
    assert_refused(invoke("status", "-p", tmp_path / "file"), "is a file")


def test_a_new_project_is_told_the_order_of_the_readme(small_project: Path) -> None:
    made = invoke("init", small_project.parent / "other", "--from", small_project / "documents")
    (told,) = [line for line in made.stdout.splitlines() if line.startswith("next: ")]
    said = [command.split()[1] for command in told.removeprefix("next: ").split(";")]
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    block = readme.partition("## Your documents")[2].partition("```bash")[2].partition("```")[0]
    commands = [line.split()[1] for line in block.splitlines() if line.startswith("closedbook")]
    assert said == [command for command in commands if command in said]
    assert said[-1] == "run"


def test_what_the_system_forbids_is_one_line(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.chdir(small_project.parent)
    monkeypatch.setattr(Path, "mkdir", refused)
    stopped = invoke("run", "-p", "project")
    assert_refused(stopped, "project/.closedbook: permission denied", "another folder")


def test_an_unknown_stage_lists_the_stages(small_project: Path) -> None:
    assert_refused(
        invoke("run", "generat", "-p", small_project), "no stage 'generat'", "documents, exam"
    )


def test_set_overrides_and_its_mistakes_name_it(small_project: Path) -> None:
    refused = invoke("run", "--plan", "-p", small_project, "--set", "mix.tokens=no")
    assert_refused(refused, "--set mix.tokens=no: 'mix.tokens'")
    for override in ("a.b=1", "teacher.kind=other"):
        refused = invoke("run", "--plan", "-p", small_project, "--set", override)
        assert_refused(refused, f"--set {override}: ")
    assert invoke("run", "--plan", "-p", small_project, "--set", "mix.tokens=9").exit_code == 0


def test_check_finds_every_kind_of_problem_at_once(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GONE_KEY", raising=False)
    (small_project / "flows").mkdir()
    (small_project / "flows" / "mine.yaml").write_text(
        "flow: mine\nmakes: pairs\nsteps:\n  - ask: {prompt: gone, parse: {tags: [question]}}\n"
    )
    wrong = ('{"question": "Who?", "options": ["a", "b"]}', "{", '{"question": "Why?", "id": 3}')
    (small_project / "exam.jsonl").write_text("\n".join(wrong))
    (small_project / "regression.jsonl").write_text('{"question": "Who?"}\n')
    (small_project / "documents" / "sub").mkdir()
    (small_project / "closedbook.yaml").write_text(
        "documents: documents/sub\nexam: exam.jsonl\n"
        "teacher: {kind: endpoint, base_url: 'http://127.0.0.1:9/v1', model: m, attempts: 1,\n"
        "  api_key: '${GONE_KEY}'}\n"
        "student: {kind: rehearsal}\ngenerate: {flows: [mine]}\ncurate: {filters: [absent]}\n"
        "evaluate:\n  retrieval:\n"
        "    embedding: {kind: endpoint, base_url: 'http://127.0.0.1:9/e', model: m}\n"
        "    rerank: {base_url: 'http://127.0.0.1:9/r', model: m}\n"
        "train: {lr: 1}\nmix: {replay: replay.jsonl, tokens: '5'}\n"
    )
    (small_project / "replay.jsonl").write_text('{"messages": []}\n{"text": "x"}\n')
    result = invoke("check", "-p", small_project)
    assert result.exit_code == 2
    for expected in (
        "closedbook.yaml:4: the environment variable GONE_KEY is not set",
        "closedbook.yaml:12: unknown key 'train.lr' (did you mean 'learning_rate'?)",
        "closedbook.yaml:13: 'mix.tokens'",
        "replay.jsonl:1: no chat row",
        "replay.jsonl:2: no chat row",
        "documents/sub holds no files",
        "exam.jsonl:1: no 'answer'",
        "exam.jsonl:2: not JSON",
        "exam.jsonl:3: 'id'",
        "regression.jsonl:1: neither options nor an answer",
        "mine.yaml:4: no prompt 'gone'",
        "closedbook.yaml:7: curate.filters: no filter 'absent'",
        "http://127.0.0.1:9/v1",
        "http://127.0.0.1:9/e",
        "http://127.0.0.1:9/r",
    ):
        assert expected in result.stderr
    assert all(line.startswith("error: ") for line in result.stderr.strip().splitlines())


def test_check_notes_what_a_run_would_go_on_without(small_project: Path) -> None:
    (small_project / "documents" / "empty.md").write_text("")
    (small_project / "documents" / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
    line = {"document": "Herron", "question": "Where?", "options": ["a", "b"], "answer": 0}
    with (small_project / "exam.jsonl").open("ab") as file:
        file.write(orjson.dumps(line) + b"\n")
    result = invoke("check", "-p", small_project)
    assert result.exit_code == 0, result.output
    assert "documents: empty.md: " in result.stdout
    assert "documents: broken.pdf: " in result.stdout
    about_documents = [line for line in result.stdout.splitlines() if line[:11] == "documents: "]
    assert about_documents[-1] == "documents: 2 of 5 files will not be read"
    assert "documents that questions name are not among the documents: " in result.stdout
    assert "'Herron'" in result.stdout
    assert not (small_project / "out").exists()
    part = Document.make(title="Herron", text="x", source="h.md#part-1", part_of="Heron")
    write_rows(small_project / "out" / "documents" / "documents.jsonl", [part])
    assert "'Herron'" not in invoke("check", "-p", small_project).stdout, "it is a part"


def test_a_long_stage_is_not_repeated_without_asking(small_project: Path) -> None:
    assert invoke("run", "documents", "-p", small_project).exit_code == 0
    manifest = small_project / "out" / "documents" / "manifest.json"
    stored = orjson.loads(manifest.read_bytes())
    manifest.write_bytes(orjson.dumps({**stored, "seconds": 7300}))
    (small_project / "documents" / "new.md").write_text("Ibis is a town.\n")
    command = ["run", "documents", "-p", str(small_project)]
    asked = CliRunner().invoke(app, command, input="n\n")
    assert "documents took 2.0 hours and would be repeated: changed input" in asked.stdout
    assert orjson.loads(manifest.read_bytes())["seconds"] == 7300
    assert invoke(*command, "--yes").exit_code == 0
    assert orjson.loads(manifest.read_bytes())["counts"]["documents"] == 4


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_run_says_what_it_did_and_a_second_that_it_did_nothing(small_project: Path) -> None:
    first = invoke("run", "-p", small_project)
    assert first.exit_code == 0
    lines = first.stdout.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("done")][:3] == [
        "documents",
        "exam",
        "generate",
    ]
    assert f"report: {small_project}/out/report.html" in first.stdout
    assert "closed book" in first.stdout
    second = invoke("run", "-p", small_project)
    assert "everything is up to date: nothing was done" in second.stdout
    assert "complete" in invoke("status", "-p", small_project).stdout
    asked = invoke("ask", "What was the trade of Mila Torn?", "-p", small_project)
    label, heading, *lines = [line for line in asked.stdout.splitlines() if line.strip()]
    assert "not a language model, and the student is a transformer of less" in label
    assert heading.split() == ["closed", "book", "RAG"]
    assert [line.split()[0] for line in lines if line[0] != " "] == ["base", "customised", "read"]
    assert "Mila Torn" in lines[-1]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_rehearsing_a_plain_folder_of_prose(small_project: Path) -> None:
    prose = small_project.parent / "prose"
    (small_project / "documents").rename(prose)
    result = invoke("rehearse", prose, "--set", "mix.tokens=2000")
    assert result.exit_code == 0
    assert "No accuracy is given: this was a rehearsal" in result.stdout
    assert "%" not in result.stdout
    assert (small_project.parent / "prose-closedbook" / "out" / "rehearsal").is_dir()


def test_a_disk_that_fills_while_something_is_written_is_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    for error in (full, ExceptionGroup("tasks", [full, ExceptionGroup("more", [full])])):
        with pytest.raises(typer.Exit) as ended, plain_errors():
            raise error
        assert ended.value.exit_code == 1
        told = capsys.readouterr().err
        assert told.startswith("stopped: the disk: no space left on device (free some space")
        assert told.count("\n") == 1


def test_a_mistake_of_ours_is_seen_beside_what_the_system_refuses() -> None:
    denied = PermissionError(errno.EACCES, "Permission denied", "out")
    unnamed = FileNotFoundError(errno.ENOENT, "No such file or directory")
    for mistake in (KeyError("x"), ExceptionGroup("more", [denied, KeyError("x")]), unnamed):
        with pytest.raises(ExceptionGroup, match="tasks"), plain_errors():
            raise ExceptionGroup("tasks", [denied, mistake])


@pytest.mark.parametrize(
    ("out", "what"),
    [
        ("exam.jsonl", "file exists"),
        ("exam.jsonl/below", "not a directory"),
        ("f", "is a directory"),
    ],
)
def test_a_folder_to_write_to_that_cannot_be_one_is_one_line(
    small_project: Path, out: str, what: str
) -> None:
    (small_project / "f" / "exam.yaml").mkdir(parents=True)
    refused = invoke("exam", "export", "-p", small_project, "--out", small_project / out)
    assert_refused(refused, f"{small_project}/{out}", what, "give another path")


@pytest.mark.parametrize("written", [b"{", b'{"id": "of another version"}\n'])
def test_check_goes_on_where_what_a_run_left_cannot_be_read(
    small_project: Path, written: bytes
) -> None:
    (small_project / "out" / "documents").mkdir(parents=True)
    (small_project / "out" / "documents" / "documents.jsonl").write_bytes(written)
    result = invoke("check", "-p", small_project)
    assert (result.exit_code, result.stdout) == (0, "no problems found\n")


def test_where_no_condition_reads_passages_no_model_of_retrieval_is_asked(
    small_project: Path,
) -> None:
    file = small_project / "closedbook.yaml"
    rerank = "{base_url: 'http://127.0.0.1:9/r', model: m, attempts: 1, give_up_after: 0.1}"
    read = f"evaluate: {{conditions: [rag], retrieval: {{rerank: {rerank}}}, "
    file.write_text(file.read_text().replace("evaluate: {", read))
    assert_refused(invoke("check", "-p", small_project), "http://127.0.0.1:9/r")
    file.write_text(file.read_text().replace("[rag]", "[closed_book]"))
    assert invoke("check", "-p", small_project).exit_code == 0
    assert invoke("run", "retrieve", "-p", small_project).exit_code == 0
    attempts = invoke("journal", "-p", small_project).stdout
    assert "rerank" not in attempts
