"""Where a project is, as a person who reads a message types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook.store import Place, to_review


@pytest.mark.parametrize(
    ("root", "told"),
    [
        (".", "read out/exam/exam.jsonl, then run `closedbook exam accept`"),
        ("mine", "read mine/out/exam/exam.jsonl, then run `closedbook exam accept -p mine`"),
        (
            "my own",
            "read my own/out/exam/exam.jsonl, then run `closedbook exam accept -p 'my own'`",
        ),
    ],
)
def test_the_way_to_an_accepted_exam_works_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: str, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert to_review(Place.of(Path(root), rehearsed=False)) == told
    assert to_review(Place.of(tmp_path / root, rehearsed=False)) == told
