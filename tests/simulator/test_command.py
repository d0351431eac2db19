"""`closedbook simulate`: a real process that serves, says what it is, and ends on Ctrl-C."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from urllib.request import Request, urlopen

import orjson
import pytest
from typer.testing import CliRunner

from closedbook.cli.main import app
from closedbook.simulator import FAULTS, SimulatorSettings

SERVE = """
import signal
from closedbook.cli.main import app

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
app()
"""


def test_it_serves_with_its_options_until_interrupted() -> None:
    options = ["--port", "0", "--teacher", "echo", "--reply", "hi", "--fault", "no_usage=1"]
    command = [sys.executable, "-c", SERVE, "simulate", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        name, url = process.stdout.readline().split()
        assert name == "base_url:"
        assert process.stdout.readline() == "model: rehearsal\n"
        assert "not a language model" in process.stdout.readline()
        body = {"model": "rehearsal", "messages": [{"role": "user", "content": "x"}]}
        request = Request(f"{url}/chat/completions", orjson.dumps(body))
        with urlopen(request, timeout=30) as response:
            reply = orjson.loads(response.read())
        process.send_signal(signal.SIGINT)
        rest, _ = process.communicate(timeout=30)
    assert reply["choices"][0]["message"]["content"] == "hi"
    assert "usage" not in reply
    assert (process.returncode, rest) == (0, "stopped\n")


def test_help_names_every_setting_and_fault() -> None:
    shown = CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, ["simulate", "--help"])
    assert shown.exit_code == 0
    assert "not a language model" in shown.stdout
    for name in SimulatorSettings.model_fields:
        assert f"--{name.replace('_', '-').removesuffix('s')}" in shown.stdout
    for fault in FAULTS:
        assert fault in shown.stdout


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--slots", "0"], "slots: Input should be greater than 0"),
        (["--latency", "inf"], "latency: Input should be a finite number"),
        (["--sigma", "1e9"], "sigma: Input should be less than or equal to 10"),
        (["--fault", "reset"], "--fault reset: write NAME=RATE"),
        (["--fault", "rest=0.1"], "faults.rest: "),
        (["--fault", "reset=0.9", "--fault", "hang=0.9"], "faults: the rates add up to 1.8"),
    ],
)
def test_a_wrong_option_is_one_line(words: list[str], problem: str) -> None:
    assert_refused(words, problem)


def test_a_port_in_use_is_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert_refused(["--port", str(port)], f"cannot listen on 127.0.0.1:{port}: ")


def assert_refused(words: list[str], problem: str) -> None:
    refused = CliRunner().invoke(app, ["simulate", *words])
    assert refused.exit_code == 2
    (line,) = refused.stderr.strip().splitlines()
    assert line.startswith(f"error: {problem}")
