"""A folder in, documents and rejections out: nothing vanishes, nothing stops the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from closedbook.documents import read_documents
from closedbook.errors import InputError
from closedbook.events import silent

if TYPE_CHECKING:
    from tests.documents.conftest import Outcome

Read = Callable[[], "Outcome"]


def test_subfolders_are_read_and_counts_add_up(folder: Path, read: Read) -> None:
    (folder / "b" / "c").mkdir(parents=True)
    (folder / "b" / "c" / "two.md").write_text("second")
    (folder / "a.md").write_text("first!")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    outcome = read()
    assert [d.source for d in outcome.documents.values()] == ["a.md", "b/c/two.md"]
    assert outcome.counts == {"documents": 2, "rejected": 1, "characters": 12}
    assert [(event.done, event.total, event.note) for event in outcome.progress] == [
        (1, 3, "a.md"),
        (2, 3, "b/c/two.md"),
        (3, 3, "picture.png"),
    ]


def test_the_same_folder_gives_the_same_bytes_in_any_order(
    folder: Path, read: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b.md", "a.txt", "c.md"):
        (folder / name).write_text(f"text of {name[0]}")
    (folder / "d.md").write_text("text of a")
    read()
    first = [
        (tmp_path / "out" / name).read_bytes() for name in ("documents.jsonl", "rejections.jsonl")
    ]
    listed = Path.iterdir

    def reversed_listing(path: Path) -> Iterator[Path]:
        return iter(sorted(listed(path), reverse=True))

    monkeypatch.setattr(Path, "iterdir", reversed_listing)
    read()
    again = [
        (tmp_path / "out" / name).read_bytes() for name in ("documents.jsonl", "rejections.jsonl")
    ]
    assert first == again


def test_two_files_with_the_same_content_are_kept_once(folder: Path, read: Read) -> None:
    (folder / "a.md").write_text("The same words.\n")
    (folder / "b.txt").write_bytes(b"\xef\xbb\xbfThe same words.  \r\n\r\n")
    outcome = read()
    assert set(outcome.documents) == {"a.md"}
    assert outcome.rejections["b.txt"].reason == "duplicate"
    assert "the same text as a.md" in outcome.line("b.txt")


@pytest.mark.parametrize(
    "copy", ["Copy of b.md", "Copy (2) of b.md", "b - Copy.md", "b copy 2.md", "b (1).md"]
)
def test_an_original_is_kept_before_a_file_that_is_named_as_its_copy(
    folder: Path, read: Read, copy: str
) -> None:
    for name in (copy, "b.md", "c.md", "copy of nothing else.md"):
        (folder / name).write_text("The same words.\n" if "else" not in name else "Other words.\n")
    outcome = read()
    assert list(outcome.documents) == ["b.md", "copy of nothing else.md"]
    for name in (copy, "c.md"):
        assert outcome.line(name).endswith("the same text as b.md, which is kept")


def test_a_name_like_a_copys_changes_the_order_only_beside_its_original(
    folder: Path, read: Read
) -> None:
    (folder / "sub").mkdir()
    names = ["Annual Report (2019).md", "Annual Report.md", "Mercury (1).md", "Xylo.md"]
    names += ["Zinc.md", "Zinc (1).md", "sub/Xylo (1).md"]
    for name in reversed(names):
        (folder / name).write_text(f"Of {name}.\n")
    assert list(read().documents) == names


def test_unsupported_formats_are_told_and_hidden_files_are_not(folder: Path, read: Read) -> None:
    (folder / "a.md").write_text("good")
    (folder / "slides.key").write_bytes(b"x")
    (folder / "README").write_text("x")
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "~$draft.docx").write_bytes(b"x")
    (folder / ".git").mkdir()
    (folder / ".git" / "notes.md").write_text("x")
    outcome = read()
    assert set(outcome.rejections) == {"README", "slides.key"}
    assert outcome.line("slides.key") == (
        "slides.key: unsupported format: .key"
        " (formats that are read: md, txt, html, htm, pdf, docx, jsonl, parquet)"
    )


def test_empty_files_of_every_format_are_told(folder: Path, read: Read) -> None:
    (folder / "good.md").write_text("good")
    names = {f"a.{x}" for x in ("md", "txt", "html", "pdf", "docx", "jsonl", "parquet")}
    for name in names:
        (folder / name).write_bytes(b"")
    (folder / "blank.txt").write_text(" \n\u200b\n")
    outcome = read()
    assert {row.subject for row in outcome.rejections.values()} == names | {"blank.txt"}
    assert {row.reason for row in outcome.rejections.values()} == {"empty"}


@pytest.mark.parametrize("name", ["huge.txt", "huge.md", "huge.html"])
def test_a_huge_text_is_refused_by_its_size_without_reading_it(
    name: str, folder: Path, read: Read
) -> None:
    (folder / "good.md").write_text("good")
    (folder / name).touch()
    os.truncate(folder / name, 50_000_000_000)
    outcome = read()
    assert outcome.rejections[name].reason == "too large"
    assert "50,000 MB" in outcome.line(name)
    assert "split it" in outcome.line(name)
    assert set(outcome.documents) == {"good.md"}


def test_a_text_just_over_the_limit_is_refused_and_one_at_it_is_read(
    folder: Path, read: Read
) -> None:
    (folder / "over.txt").write_text("x" * 5_000_001)
    (folder / "at.txt").write_text("x" * 5_000_000)
    outcome = read()
    assert set(outcome.documents) == {"at.txt"}
    assert "5,000,001 characters" in outcome.line("over.txt")


def test_links_that_loop_end_and_linked_folders_are_read(
    folder: Path, read: Read, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "far.md").write_text("far")
    (folder / "sub").mkdir()
    (folder / "sub" / "near.md").write_text("near")
    (folder / "sub" / "up").symlink_to(folder)
    (folder / "a-link").symlink_to(tmp_path / "elsewhere")
    (folder / "self.md").symlink_to("self.md")
    (folder / "gone.md").symlink_to("nowhere.md")
    outcome = read()
    assert set(outcome.documents) == {"a-link/far.md", "sub/near.md"}
    assert {subject: row.reason for subject, row in outcome.rejections.items()} == {
        "gone.md": "cannot be read",
        "self.md": "cannot be read",
        "sub/up": "link to a folder already read",
    }


def test_a_file_without_permission_is_told_and_the_rest_goes_on(
    folder: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "good.md").write_text("good")
    (folder / "locked.md").write_text("secret")
    opened = Path.read_bytes

    def refuse(path: Path) -> bytes:
        if path.name == "locked.md":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path)

    # The administrator may read everything, so the refusal of the system is played.
    monkeypatch.setattr(Path, "read_bytes", refuse)
    outcome = read()
    assert outcome.line("locked.md") == (
        "locked.md: cannot be read: permission denied"
        " (check its permissions and where its links point)"
    )
    assert set(outcome.documents) == {"good.md"}


def test_a_pipe_in_the_folder_does_not_hang_the_run(folder: Path, read: Read) -> None:
    (folder / "good.md").write_text("good")
    os.mkfifo(folder / "pipe.md")
    assert "not a regular file" in read().line("pipe.md")


def test_a_name_that_is_no_utf_8_is_shown_escaped(folder: Path, read: Read) -> None:
    try:
        (folder / os.fsdecode(b"caf\xe9.md")).write_text("good")
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    assert set(read().documents) == {"caf\\xe9.md"}


def test_many_refusals_of_one_kind_are_summed_up(folder: Path, read: Read) -> None:
    (folder / "good.md").write_text("good")
    for number in range(50):
        (folder / f"{number:02}.png").write_bytes(b"x")
    outcome = read()
    assert len(outcome.rejections) == 50
    assert len(outcome.notices) == 21
    assert outcome.notices[-1] == "30 more: unsupported format (see rejections.jsonl)"


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"does not exist \(make it and put your documents"):
        read_documents(tmp_path / "none", tmp_path / "out", silent)
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is not a folder"):
        read_documents(tmp_path / "file", tmp_path / "out", silent)


def test_an_empty_folder_and_one_without_usable_files_say_so(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"holds no files \(formats that are read: md,"):
        read_documents(folder, tmp_path / "out", silent)
    (folder / "a.png").write_bytes(b"x")
    (folder / "b.txt").write_bytes(b"")
    with pytest.raises(InputError, match="1 x unsupported format, 1 x empty"):
        read_documents(folder, tmp_path / "out", silent)
    assert (tmp_path / "out" / "rejections.jsonl").read_text().count("\n") == 2


def test_markdown_alone_loads_no_parser_of_other_formats(folder: Path, tmp_path: Path) -> None:
    import subprocess
    import sys

    (folder / "a.md").write_text("good")
    code = (
        "import sys, pathlib; from closedbook.documents import read_documents;"
        "read_documents(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), print);"
        "assert {'kreuzberg', 'polars'}.isdisjoint(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, folder, tmp_path / "out"], check=True)
