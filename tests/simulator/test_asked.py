"""Chance: latencies have the distribution asked for and belong to the request and the seed."""

from __future__ import annotations

import math
from statistics import fmean

import orjson
import pytest

from closedbook.simulator import SimulatorSettings
from closedbook.simulator.asked import latency, read_request


def seconds(number: int, seed: int = 0) -> float:
    body = {"model": "m", "messages": [{"role": "user", "content": str(number)}]}
    settings = SimulatorSettings(latency=2.0, sigma=0.8, seed=seed)
    return latency(read_request(orjson.dumps(body)), settings)


def test_latency_is_lognormal_with_the_mean_asked_for() -> None:
    drawn = [seconds(number) for number in range(4000)]
    assert fmean(drawn) == pytest.approx(2.0, rel=0.05)
    assert fmean(map(math.log, drawn)) == pytest.approx(math.log(2.0) - 0.8**2 / 2, abs=0.05)


def test_the_same_request_takes_equally_long_wherever_it_is_asked() -> None:
    assert [seconds(n) for n in range(9)] == [seconds(n) for n in range(9)]
    assert [seconds(n) for n in range(9)] != [seconds(n, seed=1) for n in range(9)]
    first = b'{"model": "m", "messages": [{"role": "user", "content": "x"}], "temperature": 0.5}'
    second = b'{"temperature":0.5,"messages":[{"content":"x","role":"user"}],"model":"m"}'
    assert read_request(first).key == read_request(second).key
    assert read_request(first).key != read_request(second.replace(b"0.5", b"0.6")).key
