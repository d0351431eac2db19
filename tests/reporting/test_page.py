"""The report as text: what it says, what it must not say, and that it needs nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from closedbook.errors import InputError
from closedbook.records import Response
from closedbook.reporting import About, ReportInput, gather, write_plot, write_report
from closedbook.reporting.rasterising import find_font
from closedbook.store import read_rows, write_rows

MakeInput = Callable[..., ReportInput]


class Words(HTMLParser):
    """The words a reader sees, without markup, script and style."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)


def words(page: str) -> str:
    parser = Words()
    parser.feed(page)
    return " ".join(" ".join(parser.parts).split())


def written(report: ReportInput, tmp_path: Path) -> str:
    path = tmp_path / "report.html"
    write_report(report, path)
    return path.read_text(encoding="utf-8")


def test_the_page_shows_every_accuracy_of_the_summary(
    report_input: ReportInput, report_file: Path
) -> None:
    text = words(report_file.read_text(encoding="utf-8"))
    for result in report_input.results.results:
        assert result.accuracy is not None
        assert f"{result.accuracy * 100:.1f} %" in text


def test_gains_are_absolute_and_relative_with_intervals(
    report_input: ReportInput, report_file: Path
) -> None:
    gain = report_input.results.gain("exam", "closed_book")
    assert gain is not None
    assert gain.relative is not None
    text = words(report_file.read_text(encoding="utf-8"))
    low, high = (f"{bound * 100:.1f}" for bound in gain.interval)
    assert f"+{gain.difference * 100:.1f} points ({low} to {high})" in text
    assert f"+{gain.relative * 100:.0f} % relative" in text
    assert gain.relative_interval is not None
    low, high = (f"{bound * 100:+.0f}" for bound in gain.relative_interval)
    assert f"({low} to {high})" in text
    assert gain.detectable is not None
    assert f"a difference of {gain.detectable * 100:.1f} points or more" in text


def test_how_the_data_came_about_is_there(report_file: Path) -> None:
    text = words(report_file.read_text(encoding="utf-8"))
    assert "4 × repeats an exam question" in text
    assert "9 of 10 documents have a kept pair" in text
    assert "1 pairs dropped that repeat another" in text
    assert "4 rows dropped that give an exam question away" in text
    assert "Contamination found: 4 rows, beside the question they give away" in text
    assert "nearly the same question" in text
    assert "1 pairs that repeat another, as examples" in text
    assert "Orla Venn 3: 14 of 20" in text
    assert "Nobody asks about this <11>." in text
    assert "Nobody asks about this <12>." not in text
    assert "2 more" in text
    assert "Mixture of customised" in text
    assert "125,021" in text
    assert "1 min 21 s" in text
    assert "rehearsal teacher" in text
    assert "abababababab" in text
    assert "Training loss" in text


def test_pairs_are_shown_with_their_quote_in_the_document(
    report_input: ReportInput, report_file: Path, tmp_path: Path
) -> None:
    page = report_file.read_text(encoding="utf-8")
    assert "<mark>Office 11 opened in Tass &amp; &lt;Sons&gt;.</mark>" in page
    assert "30 random kept pairs" in page
    assert "6 random rejected pairs" in page
    assert page == written(report_input, tmp_path)


def test_lineage_shows_the_config_and_no_secret(report_file: Path) -> None:
    page = report_file.read_text(encoding="utf-8")
    text = words(page)
    assert "api_key: (not shown)" in text
    assert "base_url: https://host/v1" in text
    assert "mix.seed = 3" in text
    assert "Python 3." in text
    assert "verysecret" not in page
    assert "hush" not in page


def test_banner_limits_and_retention_are_there(report_file: Path) -> None:
    text = words(report_file.read_text(encoding="utf-8"))
    assert text.index("Demonstration with stand-ins.") < text.index("closed book")
    assert "It says nothing about <large> models." in text
    assert "Retention: what was known before, and is repeated by the replay" in text


def test_a_short_question_is_listed_with_its_answer_and_is_no_multiple_choice(
    make_input: MakeInput, tmp_path: Path
) -> None:
    made = make_input(documents=2, per_document=2)
    for file in made.responses.values():
        rows = list(read_rows(file, Response))
        short = [replace(row, options=(), expected="in Listrava", chosen=None) for row in rows]
        write_rows(file, short)
    text = words(written(made, tmp_path))
    assert "Expected: in Listrava" in text
    assert "multiple" not in text


def test_text_of_documents_and_models_cannot_become_markup(report_file: Path) -> None:
    page = report_file.read_text(encoding="utf-8")
    assert "Tass &amp; &lt;Sons&gt;" in page
    assert "&lt;/script&gt;&lt;img src=x" in page
    for alive in ("<Sons>", "<i>odd", "<img", "alert(1)>"):
        assert alive not in page


def test_the_page_needs_no_other_resource(report_file: Path) -> None:
    page = report_file.read_text(encoding="utf-8")
    assert not re.search(
        r"""@import|url\(|<(img|iframe|script)[^>]+src=|<link[^>]+href="[^d]""", page
    )
    assert "default-src 'none'" in page


def test_flips_come_first(report_file: Path) -> None:
    page = report_file.read_text(encoding="utf-8")
    outcomes = re.findall(r'class="asked" data-outcome="([^"]+)"', page)[:40]
    assert list(dict.fromkeys(outcomes)) == [
        name for name in ("gained", "lost", "both wrong", "both right") if name in outcomes
    ]
    assert outcomes[0] == "gained"
    counted = ", ".join(f"{outcomes.count(name)} {name}" for name in dict.fromkeys(outcomes))
    assert "Scripts are off" in page
    assert counted.partition(",")[0] in words(page)


def test_an_unreviewed_exam_shows_answers_and_no_score(
    make_input: MakeInput, tmp_path: Path
) -> None:
    page = written(make_input(reviewed=False), tmp_path)
    text = words(page)
    assert "What was checked" in text
    assert "40 questions about 10 documents" in text
    assert "In which town did Orla Venn 0 open office 0?" in text
    assert set(re.findall(r'data-outcome="([^"]+)"', page)) == {"unreviewed"}
    for telling in ("points", "✓", "✗", "relative", "Result", "interval"):
        assert telling not in text
    assert set(re.findall(r"[\d.]+\s%", text)) == {"100.0 %"}  # the passages, not the answers


def test_the_plot_stands_alone_and_an_unreviewed_exam_has_none(
    make_out: Callable[..., Path], tmp_path: Path
) -> None:
    folder = tmp_path / "plots"
    write_plot(make_out() / "evaluate" / "summary.json", folder)
    plot = (folder / "plot.svg").read_text(encoding="utf-8")
    assert plot.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
    assert "var(" not in plot
    if find_font():
        assert (folder / "plot.png").read_bytes().startswith(b"\x89PNG")
    write_plot(make_out(reviewed=False) / "evaluate" / "summary.json", folder)
    assert not list(folder.iterdir())


def test_a_project_without_controls_training_or_rejections_is_reported(
    make_out: Callable[..., Path], tmp_path: Path
) -> None:
    out = make_out()
    summary = json.loads((out / "evaluate" / "summary.json").read_bytes())
    kept = [r for r in summary["results"] if r["arm"] != "raw" and r["exam"] == "exam"]
    compared = [c for c in summary["comparisons"] if "raw" not in (c["arm"], c["against"])]
    summary |= {"results": kept, "comparisons": compared[:1]}
    (out / "evaluate" / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    stages = ("evaluate/base", "evaluate/customised")
    text = words(written(gather(out, stages, About("Mine")), tmp_path))
    assert "Mine" in text
    assert "raw" not in text
    assert "Training loss" not in text


def test_no_summary_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no summary"):
        gather(tmp_path, (), About("Mine"))
