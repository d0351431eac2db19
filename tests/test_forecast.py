"""A forecast is what the run will take, as far as a few documents can tell."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closedbook import Project
from closedbook.cli.main import app
from closedbook.console import OUTPUT, show_forecast
from closedbook.errors import InputError
from closedbook.forecast import Estimate, Forecast, in_hours, scaled
from closedbook.store.accounts import Pace

FOUR_EACH = ["generate.flows=[study]"]


def _write_documents(project: Path, count: int) -> None:
    folder = project / "documents"
    for file in folder.iterdir():
        file.unlink()
    for number in range(count):
        text = f"The town of Mera{number} lies in the north. It has {number + 20} wells."
        (folder / f"{number:03}.md").write_text(text)


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
    assert (unbounded.fitting(usd=50), unbounded.fitting(usd=math.inf)) == (None, 1000)


@pytest.mark.parametrize("served", [1, 5, 64])
def test_the_hours_hold_the_truth_however_many_are_served_at_a_time(served: int) -> None:
    """Of 64 that may be asked, a pilot asked 5 at a time an endpoint that takes 3.6 s for each."""
    seen = Pace(3.6 * max(1, 5 / served), 3.6 / min(5, served))
    found = in_hours(Estimate(64_000, 60_000, 70_000), seen, slots=64, depth=2)
    assert found.low <= 64_000 * 3.6 / served / 3600 <= found.high
    assert found.low <= found.value <= found.high


def test_an_endpoint_that_counts_no_tokens_is_the_reason_why_money_is_unknown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    totals = {"requests": Estimate(10, 10, 10)}
    for tokens in ({}, {"completion_tokens": Estimate(5, 5, 5)}):
        found = Forecast(2, 2, {**totals, **tokens}, {}, taken=dict.fromkeys(totals, 1.0))
        show_forecast(OUTPUT, found, usd=1.0)
    uncounted, unpriced = capsys.readouterr().out.split("within $1.00: ")[1:]
    assert uncounted.startswith("unknown: an endpoint does not count tokens")
    assert unpriced.startswith("unknown: give every model its price")


@pytest.mark.parametrize("values", [[5.0], [5.0, 5.0]])
def test_one_document_alone_says_nothing_about_the_rest(values: list[float]) -> None:
    found = scaled(values, 10)
    assert found.value == 50
    assert found.low >= sum(values)
    assert found.high == math.inf


def test_many_documents_that_are_all_alike_are_believed() -> None:
    assert scaled([5.0] * 20, 100) == Estimate(500, 500, 500)
    assert scaled([5.0] * 3, 3) == Estimate(15, 15, 15)


@pytest.mark.parametrize(("documents", "pilot"), [(3, 3), (27, 5), (90, 9), (500, 20)])
def test_a_pilot_is_small_where_there_are_few_documents(
    small_project: Path, documents: int, pilot: int
) -> None:
    _write_documents(small_project, documents)
    assert Project.open(small_project, FOUR_EACH).forecast().pilot == pilot


def test_a_larger_pilot_holds_the_documents_of_the_smaller(small_project: Path) -> None:
    _write_documents(small_project, 27)
    project = Project.open(small_project, FOUR_EACH)
    first, second = project.forecast(5), project.forecast(20)
    assert (first.sent, second.sent) == (20, 60)
    assert (first.left("requests").value, second.left("requests").value) == (88, 28)


def test_the_command_says_what_the_pilot_asks_took_and_leaves(small_project: Path) -> None:
    _write_documents(small_project, 8)
    words = ["forecast", "-p", str(small_project), "--set", *FOUR_EACH, "--hours", "1"]
    told = CliRunner().invoke(app, words).stdout
    assert "asks about 5 of 8 documents and buys the answers; --documents N asks about N" in told
    assert "the pilot sent 20 requests and paid $0.00; the answers are kept" in told
    left = "still to come, for the other 3 documents: requests 12 [0, unknown], USD 0 [0, 0]"
    assert left in told
    assert "the 5 documents asked about were just alike in it; --documents asks about" in told
    assert "within 1 hour: unknown: the pilot is too small, set --documents" in told
    assert "paid $0.00" in CliRunner().invoke(app, words).stdout


def test_a_budget_too_small_for_the_pilot_leaves_what_was_finished(small_project: Path) -> None:
    _write_documents(small_project, 27)
    words = ["forecast", "-p", str(small_project), "--documents", "20"]
    nothing = CliRunner().invoke(app, [*words, "--set", "budget.requests=1"])
    assert (nothing.exit_code, "--documents N" in nothing.stderr) == (3, True)
    assert "from a pilot" not in nothing.stdout
    stopped = CliRunner().invoke(app, [*words, "--set", "budget.requests=100"])
    assert stopped.exit_code == 3
    told = " ".join(stopped.stdout.split())
    finished = int(told.partition("from a pilot on ")[2].partition(" of 27")[0])
    assert 0 < finished < 5
    assert f"requests {20 * 27} " in told
    assert "the pilot sent 99 requests" in told
    assert "budget of 100 requests" in stopped.stderr
    assert "--documents N asks about N" in stopped.stderr
