"""Real data, where CLOSEDBOOK_QUALITY names a file of QuALITY; none of it is in this project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from closedbook.config import QualityExam
from closedbook.evaluation import read_exam
from closedbook.evaluation.quality import read_articles

FILE = os.environ.get("CLOSEDBOOK_QUALITY", "")
pytestmark = pytest.mark.skipif(not FILE, reason="CLOSEDBOOK_QUALITY names no file")


def test_every_article_has_a_text_without_tags() -> None:
    for article in read_articles([Path(FILE)]):
        assert len(article.text) > 1000
        assert "</p>" not in article.text.lower()


def test_every_question_is_asked_or_kept_with_a_reason() -> None:
    read = read_exam(QualityExam(kind="quality", path=FILE), Path())
    assert read.questions
    for question in read.questions:
        assert question.question.startswith(question.about)
        assert len(question.options) == 4
    doubled = {"the id of another question", "the same question again"}
    assert {rejection.reason for rejection in read.rejections} <= doubled
