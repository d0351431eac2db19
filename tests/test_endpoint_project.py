"""A project with an endpoint, over HTTP: budgets, outages, replicas, rows that got no answer."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from closedbook import Project
from closedbook.cli.main import app
from closedbook.errors import AuthError, BudgetExhausted, RunError, Terminated
from closedbook.events import AskingProgress, Event
from closedbook.models.endpoint import Endpoint
from closedbook.simulator import Simulator, SimulatorSettings
from closedbook.store.accounts import journal_of, overall, spent, totals
from closedbook.store.journal import Journal

TEACHER = """\
teacher:
  kind: endpoint
  base_url: {url}
  model: rehearsal
  attempts: 1
  max_tokens: 600
  price: {{prompt: 1.0, completion: 2.0}}
"""


@pytest.fixture(autouse=True)
def _signals_as_at_a_terminal() -> Iterator[None]:
    """A job in the background of a shell ignores Ctrl-C, and so would what is tested."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def serving(settings: SimulatorSettings) -> Iterator[Simulator]:
    """A simulator on a thread of its own, since what is tested brings its own event loop."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    simulator = Simulator(settings)
    try:
        asyncio.run_coroutine_threadsafe(simulator.__aenter__(), loop).result(10)
        yield simulator
        leave = simulator.__aexit__(None, None, None)
        asyncio.run_coroutine_threadsafe(leave, loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def after(seconds: float, change: Callable[[], object]) -> threading.Timer:
    """A change that happens while the project runs."""
    timer = threading.Timer(seconds, change)
    timer.start()
    return timer


def when(condition: Callable[[], bool], change: Callable[[], object]) -> threading.Thread:
    """A change that happens as soon as something is so."""

    def wait() -> None:
        while not condition():
            time.sleep(0.01)
        change()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


def taught_by(folder: Path, *simulators: Simulator) -> Path:
    """The project with the simulators as its teacher."""
    url = "[" + ", ".join(simulator.url for simulator in simulators) + "]"
    file = folder / "closedbook.yaml"
    own = file.read_text().replace("teacher: {kind: rehearsal}\n", "")
    file.write_text(own + TEACHER.format(url=url))
    return folder


def test_a_forecast_says_what_its_pilot_paid_and_what_is_left_to_pay(small_project: Path) -> None:
    with serving(SimulatorSettings()) as simulator:
        project = Project.open(taught_by(small_project, simulator))
        found, again, whole = (project.forecast(documents) for documents in (2, 2, 3))
    paid = overall(journal_of(small_project)).usd
    assert found.paid
    assert paid
    assert (again.paid, again.sent) == (0, 0)
    # Summed in the order in which the answers came.
    assert [found.taken["usd"], again.taken["usd"]] == pytest.approx([found.paid] * 2)
    assert found.left("usd").value == pytest.approx(found.totals["usd"].value - found.paid)
    assert found.paid + (whole.paid or 0) == pytest.approx(paid) == whole.totals["usd"].value
    assert whole.left("usd").high == 0
    free = Project.open(small_project, ["teacher.price=null"]).forecast(3)
    assert "usd" not in free.totals
    assert free.paid == 0, "nothing was sent"


def test_a_forecast_takes_nothing_unknown_for_free(small_project: Path) -> None:
    with serving(SimulatorSettings()) as simulator:
        folder = taught_by(small_project, simulator)
        judge = {"kind": "endpoint", "base_url": simulator.url, "model": "rehearsal"}
        flows = ["generate.flows=[qa]", f"models={{judge: {judge}}}"]
        unpriced = Project.open(folder, flows).forecast(2)
        simulator.change(faults={"no_usage": 0.5})
        uncounted = Project.open(folder, ["teacher.revision=other"]).forecast(3)
    assert "prompt_tokens" in unpriced.totals
    assert not {"usd", "prompt_tokens", "completion_tokens"}.intersection(uncounted.totals)
    assert "usd" not in unpriced.totals


def test_a_budget_stops_the_run_and_a_higher_one_goes_on(small_project: Path) -> None:
    with serving(SimulatorSettings()) as simulator:
        folder = taught_by(small_project, simulator)
        with pytest.raises(BudgetExhausted, match="budget of 12 requests"):
            Project.open(folder, ["budget.requests=12"]).run("generate")
        assert simulator.stats()["received"] == 12
        result = CliRunner().invoke(
            app, ["run", "generate", "-p", str(folder), "--set", "budget.requests=13"]
        )
        assert result.exit_code == 3
        assert not (folder / "out/generate/manifest.json").exists()
        counts = Project.open(folder).run("generate").manifests["generate"].counts
        assert counts["from_journal"] >= 12
        assert simulator.stats()["received"] == overall(journal_of(folder)).requests


def test_money_is_never_above_its_cap(small_project: Path) -> None:
    with serving(SimulatorSettings()) as simulator:
        folder = taught_by(small_project, simulator)
        cap = 0.01
        with pytest.raises(BudgetExhausted, match=r"budget of \$0.01: \$0.0\d+ spent, .* to \$0.0"):
            Project.open(folder, [f"budget.usd={cap}"]).run("generate")
    taken = overall(journal_of(folder))
    assert 0 < (taken.prompt_tokens + 2 * taken.completion_tokens) / 1e6 <= cap


@pytest.mark.parametrize("cap", [{"usd": 0.02}, {"tokens": 20_000}, {"requests": 40}])
def test_attempts_that_fail_pass_no_cap_either(
    small_project: Path, monkeypatch: pytest.MonkeyPatch, cap: dict[str, float]
) -> None:
    """Of half of them nobody knows what they cost."""
    monkeypatch.setattr(Endpoint.__init__, "__kwdefaults__", {"form": None, "first_wait": 0.001})
    faults = {"invalid_json": 0.3, "reset": 0.2, "server_error": 0.1}
    with serving(SimulatorSettings.model_validate({"faults": faults})) as simulator:
        folder = taught_by(small_project, simulator)
        settings = [f"budget.{unit}={most}" for unit, most in cap.items()]
        with pytest.raises(BudgetExhausted):
            Project.open(folder, [*settings, "teacher.attempts=8"]).run("generate")
    (taken,) = spent(journal_of(folder))
    for unit, most in cap.items():
        assert 0.8 * most < getattr(taken, unit) <= most


def test_what_an_endpoint_does_not_count_is_taken_for_the_most_it_can_be(
    small_project: Path,
) -> None:
    settings = SimulatorSettings.model_validate({"faults": {"no_usage": 1.0}})
    with serving(settings) as simulator:
        folder = taught_by(small_project, simulator)
        for cap in (20_000, 40_000):
            with pytest.raises(BudgetExhausted, match=f"budget of {cap:,} tokens"):
                Project.open(folder, [f"budget.tokens={cap}"]).run("generate")
            sent = simulator.stats()["received"]
            assert cap / 1500 < sent < cap / 600
            (model,) = spent(journal_of(folder))
            assert cap - 1000 < model.tokens <= cap


def pressing(*signals: int) -> Callable[[Event], None]:
    """Sends this process one of the signals with every event of progress."""
    left = list(signals)

    def interrupted(event: Event) -> None:
        if isinstance(event, AskingProgress) and left:
            signal.raise_signal(left.pop(0))

    return interrupted


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_what_is_on_its_way_when_a_run_is_stopped_is_received(
    small_project: Path, how: int
) -> None:
    with serving(SimulatorSettings(latency=1, slots=2)) as simulator:
        folder = taught_by(small_project, simulator)
        project = Project.open(folder, ["teacher.concurrency=2"])
        with pytest.raises(KeyboardInterrupt) as stopped:
            project.run("generate", pressing(how))
        assert isinstance(stopped.value, Terminated) is (how == signal.SIGTERM)
        taken, sent = overall(journal_of(folder)), simulator.stats()["received"]
        assert taken.answers == taken.requests == sent == 2
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
        simulator.change(latency=0)
        manifest = project.run("generate").manifests["generate"]
        assert simulator.stats()["repeated"] == 0
    assert manifest.counts["from_journal"] == 2


def test_who_waits_to_ask_again_does_not_hold_up_a_stop(small_project: Path) -> None:
    with serving(SimulatorSettings(faults={"server_error": 1})) as simulator:
        folder = taught_by(small_project, simulator)
        with pytest.raises(KeyboardInterrupt):
            Project.open(folder, ["teacher.attempts=8"]).run("generate", pressing(signal.SIGINT))
        assert overall(journal_of(folder)).requests == simulator.stats()["received"] > 0


def test_a_refused_key_costs_nothing(small_project: Path) -> None:
    """Neither do the requests that were on their way beside it."""
    with serving(SimulatorSettings(api_key="right", latency=0.05)) as simulator:
        folder = taught_by(small_project, simulator)
        with pytest.raises(AuthError):
            Project.open(folder, ["teacher.api_key=another"]).run("generate")
    taken = overall(journal_of(folder))
    assert taken.requests == taken.wasted > 1
    assert (taken.uncounted, taken.usd) == (0, 0)


@pytest.mark.parametrize("again", [False, True])
def test_what_was_dropped_when_a_run_was_stopped_is_in_the_accounts(
    small_project: Path, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    """By the second Ctrl-C; also when it is pressed once more while that stops it."""
    fail = Journal.record_failure

    def press_and_fail(*given: Any) -> Awaitable[None]:
        signal.raise_signal(signal.SIGINT)
        return fail(*given)

    if again:
        monkeypatch.setattr(Journal, "record_failure", press_and_fail)
    with serving(SimulatorSettings(latency=30)) as simulator:
        folder = taught_by(small_project, simulator)
        project = Project.open(folder, ["teacher.timeout=60"])
        with pytest.raises(KeyboardInterrupt):
            project.run("generate", pressing(signal.SIGINT, signal.SIGINT))
        taken = overall(journal_of(folder))
        assert (
            taken.requests == taken.wasted == taken.uncounted == simulator.stats()["received"] > 0
        )
        assert taken.usd is not None
        assert taken.usd > 0
        assert "journal" not in {thread.name for thread in threading.enumerate()}
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_key_is_nowhere(
    small_project: Path, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    """Neither in journal, manifests and results, nor in what is said when it is refused."""
    key = "sk-very-secret-0123456789"
    monkeypatch.setenv("TEACHER_KEY", key)
    logging.getLogger().setLevel(logging.NOTSET)
    with serving(SimulatorSettings(api_key=key)) as simulator:
        folder = taught_by(small_project, simulator)
        file = folder / "closedbook.yaml"
        own = "  model: rehearsal\n  api_key: ${TEACHER_KEY}\n"
        file.write_text(file.read_text().replace("  model: rehearsal\n", own))
        words = ["run", "generate", "-p", str(folder)]
        assert CliRunner().invoke(app, words).exit_code == 0
        simulator.change(api_key="another")
        again = CliRunner().invoke(app, [*words, "--set", "teacher.model=other"])
        assert again.exit_code == 1
        assert "api_key" in again.output
    said = [again.output, logged(), *(file.name for file in folder.rglob("*"))]
    kept = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
    assert not any(key in text for text in said)
    assert not any(key.encode() in content for content in kept)


def test_what_got_no_answer_is_asked_again_when_wanted(small_project: Path) -> None:
    settings = SimulatorSettings(fail_containing="Orr Mills is a company")
    with serving(settings) as simulator:
        folder = taught_by(small_project, simulator)
        project = Project.open(folder)
        first = project.run("generate").manifests["generate"]
        assert first.to_retry > 0
        assert first.counts["pairs"] > 0
        (generate,) = [stage for stage in project.status() if stage.stage == "generate"]
        assert "500" in generate.remark
        assert project.run("generate").done == ()
        simulator.change(fail_containing="")
        second = project.run("generate", retry=True)
        assert "generate" in second.done
        assert second.manifests["generate"].to_retry == 0
        assert second.manifests["generate"].counts["pairs"] > first.counts["pairs"]
        assert project.run("generate", retry=True).done == ()


@pytest.mark.slow
def test_an_endpoint_gives_what_the_stand_in_gives(small_project: Path) -> None:
    faults = {"rate_limit": 0.05, "reset": 0.02, "html": 0.02}
    settings = {"faults": faults, "retry_after": 0.01}
    Project.open(small_project).run("generate")
    names = ("pairs.jsonl", "study.jsonl", "rejections.jsonl")
    direct = [(small_project / "out/generate" / name).read_bytes() for name in names]
    with serving(SimulatorSettings.model_validate(settings)) as simulator:
        folder = taught_by(small_project, simulator)
        Project.open(folder, ["teacher.attempts=8"]).run("generate")
    served = [(folder / "out/generate" / name).read_bytes() for name in names]
    assert served == direct
    by_step = totals(journal_of(folder), "step")
    assert sum(step.answers for step in by_step) == overall(journal_of(folder)).answers


@pytest.mark.slow
def test_an_outage_is_waited_out(small_project: Path) -> None:
    with serving(SimulatorSettings(latency=0.05)) as simulator:
        folder = taught_by(small_project, simulator)
        begin = after(0.2, lambda: simulator.change(down=True))
        end = after(2.5, lambda: simulator.change(down=False))
        told: list[str] = []

        def watch(event: Event) -> None:
            if isinstance(event, AskingProgress) and event.trouble:
                told.append(event.trouble)

        project = Project.open(folder, ["teacher.attempts=8"])
        manifest = project.run("generate", watch).manifests["generate"]
        begin.join()
        end.join()
    assert told, "progress says why nobody is answered"
    assert all("connection" in trouble or trouble.startswith("5") for trouble in told)
    assert manifest.to_retry == 0
    assert manifest.seconds > 2
    assert overall(journal_of(folder)).wasted > 0


def test_an_outage_for_good_is_no_data_to_train_on(small_project: Path) -> None:
    """Although all documents had begun, and most got something."""
    with serving(SimulatorSettings(latency=0.02)) as simulator:
        folder = taught_by(small_project, simulator)
        short = ["teacher.attempts=2", "teacher.give_up_after=0.3", "teacher.concurrency=4"]
        dying = when(
            lambda: simulator.stats()["received"] > 99, lambda: simulator.change(down=True)
        )
        with pytest.raises(RunError, match=r"the endpoint died, rows to be asked again: \d+"):
            Project.open(folder, short).run()
        dying.join()
        assert not (folder / "out/generate/manifest.json").exists()
        kept = overall(journal_of(folder)).answers
        simulator.change(down=False)
        manifest = Project.open(folder).run("generate").manifests["generate"]
    assert manifest.to_retry == 0
    assert manifest.counts["from_journal"] == kept > 0


def test_a_dead_replica_loses_nothing_and_documents_stay_with_theirs(small_project: Path) -> None:
    settings = SimulatorSettings(latency=0.03)
    with serving(settings) as first, serving(settings) as second:
        folder = taught_by(small_project, first, second)
        for number in range(12):
            text = f"Quorn {number} is a mill in Aldervale. It was founded in 19{number + 10}.\n"
            (folder / "documents" / f"{number}.md").write_text(text)
        dying = when(lambda: second.stats()["received"] > 3, lambda: second.change(down=True))
        manifest = (
            Project.open(folder, ["teacher.attempts=8"]).run("generate").manifests["generate"]
        )
        dying.join()
        asked = [simulator.stats()["distinct"] for simulator in (first, second)]
    assert manifest.to_retry == 0
    assert manifest.counts["rejected"] == 0
    assert min(asked) > 0
    assert overall(journal_of(folder)).answers == manifest.counts["asks"]
