"""A forecast is what the run will take, as far as a few documents can tell."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closedbook import Project
from closedbook.cli.main import app
from closedbook.errors import InputError
from closedbook.forecast import Estimate, Forecast, scaled


def test_a_pilot_on_all_documents_is_the_run_and_the_run_buys_nothing_again(
    small_project: Path,
) -> None:
    project = Project.open(small_project)
    found = project.forecast(documents=3)
    counts = project.run("generate").manifests["generate"].counts
    assert (found.documents, found.pilot) == (3, 3)
    assert found.totals["requests"].value == counts["asks"] == counts["from_journal"]
    assert found.totals["rows"].value == counts["pairs"] + counts["study"]
    assert found.totals["rejected"].value == counts["rejected"]
    assert found.totals["requests"].low == found.totals["requests"].high
    for step in found.steps.values():
        assert step["made"].value <= counts["pairs"] + counts["study"] + counts["rejected"]


def test_a_smaller_pilot_gives_intervals_around_what_it_saw(small_project: Path) -> None:
    found = Project.open(small_project).forecast(documents=2)
    requests = found.totals["requests"]
    assert requests.low <= requests.value <= requests.high
    assert requests.value > 0
    assert found.totals["usd"] == Estimate(0, 0, 0)
    assert found.fitting(usd=1.0) == found.documents


def test_money_without_a_price_is_unknown() -> None:
    found = Forecast(documents=10, pilot=2, totals={"hours": Estimate(1, 1, 1)}, steps={})
    assert found.fitting(usd=1.0) is None
    assert found.fitting(usd=1.0, hours=2.0) is None


@pytest.mark.parametrize(
    ("wish", "shown"),
    [
        (["--usd", "5"], "within $5.00: 3 documents"),
        (["--hours", "2"], "within 2 hours: 3 documents"),
        (["--usd", "5", "--hours", "2"], "within $5.00 and 2 hours: 3 documents"),
        ([], "the pilot took half of the documents or more"),
        ([], "\nseconds "),
        ([], "stand-ins: the teacher is a program of rules, not a language model.\nfrom a pilot"),
    ],
)
def test_the_command_says_what_fits(small_project: Path, wish: list[str], shown: str) -> None:
    words = ["forecast", "-p", str(small_project), "--documents", "2", *wish]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert shown in result.stdout


def test_what_is_not_counted_is_told(small_project: Path) -> None:
    other = "evaluate.models={big: {kind: endpoint, base_url: 'http://h/v1', model: m}}"
    words = ["forecast", "-p", str(small_project), "--set", "curate.refill=9", "--set", other]
    result = CliRunner().invoke(app, words)
    refill = "documents with fewer than 9 kept pairs are asked about up to 3 times more"
    for told in (f"curate.refill ({refill})", "training customised", "of big: about 12 requests"):
        assert f"not counted: {told}" in " ".join(result.stdout.replace("the exams ", "").split())


def test_a_pilot_needs_a_document(small_project: Path) -> None:
    with pytest.raises(InputError, match="at least one document"):
        Project.open(small_project).forecast(documents=0)


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    chance = random.Random(0)
    population = [chance.lognormvariate(3, 0.4) for _ in range(400)]
    truth = sum(population)
    held = 0
    for _ in range(1000):
        found = scaled(chance.sample(population, 20), len(population))
        held += found.low <= truth <= found.high
    assert 0.92 <= held / 1000 <= 0.98


def test_what_fits_is_reckoned_with_the_upper_end() -> None:
    totals = {"usd": Estimate(80, 60, 100), "hours": Estimate(8, 6, 10)}
    found = Forecast(documents=1000, pilot=20, totals=totals, steps={})
    assert found.fitting(usd=50) == 500
    assert found.fitting(hours=12) == 1000
    assert found.fitting(usd=50, hours=1) == 100
    assert found.fitting(hours=math.inf) == 1000
    unbounded = Forecast(1000, 1, {"usd": Estimate(80, 1, math.inf)}, {})
    assert (unbounded.fitting(usd=50), unbounded.fitting(usd=math.inf)) == (0, 1000)


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0]])
def test_one_document_alone_says_nothing_about_the_rest(values: list[float]) -> None:
    found = scaled(values, 10)
    assert found.value == 50
    assert found.low >= sum(values)
    assert (found.high == float("inf")) is (len(values) == 1)
