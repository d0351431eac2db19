"""JSON lines and Parquet: every row is a document or a line with its number."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from tests.documents.conftest import Outcome

Read = Callable[[], "Outcome"]


def test_rows_become_documents_with_their_titles(folder: Path, read: Read) -> None:
    rows = [
        {"title": "Alba", "text": "A river.", "extra": [1]},
        {"document_outline": "Brega; by A.", "document": "A town."},
        {"content": "A hill.", "title": None},
        {"text": "", "article": "A lake."},
    ]
    (folder / "my_rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    documents = read().documents
    assert [(d.source, d.title, d.text) for d in documents.values()] == [
        ("my_rows.jsonl#1", "Alba", "A river."),
        ("my_rows.jsonl#2", "Brega; by A.", "A town."),
        ("my_rows.jsonl#3", "My rows 3", "A hill."),
        ("my_rows.jsonl#4", "My rows 4", "A lake."),
    ]


def test_a_domain_is_a_column_or_else_the_first_folder(folder: Path, read: Read) -> None:
    (folder / "case_law" / "2021").mkdir(parents=True)
    rows = [{"text": "one", "domain": "Tax"}, {"text": "two"}, {"text": "three", "domain": 3}]
    (folder / "case_law" / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "case_law" / "2021" / "b.md").write_text("four")
    (folder / "c.md").write_text("five")
    pl.DataFrame({"text": ["six"], "domain": ["Trade"]}).write_parquet(folder / "d.parquet")
    assert {d.text: d.domain for d in read().documents.values()} == {
        "one": "Tax",
        "two": "Case law",
        "three": "Case law",
        "four": "Case law",
        "five": "",
        "six": "Trade",
    }


def test_more_than_nine_rows_keep_their_order(folder: Path, read: Read) -> None:
    (folder / "a.jsonl").write_text("".join(f'{{"text": "row {n}"}}\n' for n in range(1, 13)))
    assert [d.text for d in read().documents.values()] == [f"row {n}" for n in range(1, 13)]


def test_broken_lines_are_named_by_number_and_the_rest_goes_on(folder: Path, read: Read) -> None:
    (folder / "a.jsonl").write_bytes(
        b'\xef\xbb\xbf{"text": "one"}\n\n{"text": }\n[1]\n{"text": "\xff"}\n{"id": 7}\n'
        b'{"text": "   "}\n{"text": 5}\n{"text": "last"}'
    )
    outcome = read()
    assert set(outcome.documents) == {"a.jsonl#1", "a.jsonl#9"}
    reasons = {subject: row.reason for subject, row in outcome.rejections.items()}
    assert reasons == {
        "a.jsonl#3": "broken row",
        "a.jsonl#4": "broken row",
        "a.jsonl#5": "broken row",
        "a.jsonl#6": "no text",
        "a.jsonl#7": "no text",
        "a.jsonl#8": "no text",
    }
    assert "line 3: column 10" in outcome.line("a.jsonl#3")
    assert outcome.rejections["a.jsonl#3"].raw == '{"text": }\n'
    assert "its columns are: id" in outcome.line("a.jsonl#6")


def test_a_json_array_is_one_line_not_thousands(folder: Path, read: Read) -> None:
    (folder / "a.jsonl").write_text("[\n" + '{"text": "x"},\n' * 3000 + "]")
    (folder / "b.jsonl").write_text('{"text": "good"}')
    outcome = read()
    assert set(outcome.documents) == {"b.jsonl#1"}
    assert outcome.counts["rejected"] == 1
    assert "jq -c '.[]'" in outcome.line("a.jsonl")


def test_json_lines_in_utf_16_are_refused_as_a_whole(folder: Path, read: Read) -> None:
    (folder / "a.jsonl").write_bytes('{"text": "x"}\n{"text": "y"}\n'.encode("utf-16"))
    (folder / "b.md").write_text("good")
    outcome = read()
    assert outcome.rejections["a.jsonl"].reason == "not UTF-8"
    assert outcome.counts["rejected"] == 1


def test_a_line_too_long_for_memory_is_skipped(
    folder: Path, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closedbook.documents.rows._LONGEST_LINE", 50)
    long = json.dumps({"text": "x" * 500})
    (folder / "a.jsonl").write_text(f'{{"text": "one"}}\n{long}\n{{"text": "three"}}\n')
    outcome = read()
    assert [d.text for d in outcome.documents.values()] == ["one", "three"]
    assert set(outcome.documents) == {"a.jsonl#1", "a.jsonl#3"}
    assert outcome.rejections["a.jsonl#2"].reason == "too large"


def test_parquet_rows_become_documents(folder: Path, read: Read) -> None:
    table = pl.DataFrame(
        {"title": ["Alba", None, "C"], "document": ["A river.", "A town.", None], "n": [1, 2, 3]}
    )
    table.write_parquet(folder / "towns[1].parquet")
    outcome = read()
    assert [(d.source, d.title, d.text) for d in outcome.documents.values()] == [
        ("towns[1].parquet#1", "Alba", "A river."),
        ("towns[1].parquet#2", "Towns[1] 2", "A town."),
    ]
    assert outcome.rejections["towns[1].parquet#3"].reason == "no text"


def test_parquet_of_several_batches_keeps_its_order(folder: Path, read: Read) -> None:
    texts = [f"row {n}" for n in range(3500)]
    pl.DataFrame({"text": texts}).write_parquet(folder / "a.parquet", row_group_size=700)
    documents = read().documents
    assert [d.text for d in documents.values()] == texts
    assert list(documents)[-1] == "a.parquet#3500"


def test_broken_parquet_is_one_line_and_the_rest_goes_on(folder: Path, read: Read) -> None:
    pl.DataFrame({"text": ["x" * 1000] * 10}).write_parquet(folder / "cut.parquet")
    whole = (folder / "cut.parquet").read_bytes()
    (folder / "cut.parquet").write_bytes(whole[: len(whole) // 2])
    (folder / "words.parquet").write_text("plain words")
    pl.DataFrame({"body": ["x"]}).write_parquet(folder / "columns.parquet")
    (folder / "zz.md").write_text("good")
    outcome = read()
    reasons = {subject: row.reason for subject, row in outcome.rejections.items()}
    assert reasons == {
        "columns.parquet": "no text",
        "cut.parquet": "broken file",
        "words.parquet": "broken file",
    }
    assert "its columns are: body" in outcome.line("columns.parquet")
    assert set(outcome.documents) == {"zz.md"}
