"""The adaptive limit against simulated servers; time is simulated too."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from closedbook.models.limits import AdaptiveLimit, Sign, Ticket

SLOTS = 64


@dataclass
class Simulation:
    """A server with `slots(time)` slots that refuses at once what it has no slot for, and takes
    `latency(requests in service)` seconds for the rest; there is always more to ask."""

    limit: AdaptiveLimit
    slots: Callable[[float], int]
    latency: Callable[[int], float] = lambda busy: 1.0
    now: float = 0.0
    busy: int = 0
    in_flight: list[tuple[float, int]] = field(default_factory=list)
    refusals: list[float] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)

    def run(self, until: float) -> None:
        events: list[tuple[float, int, Ticket, float, Sign]] = []
        number = 0
        while self.now < until:
            while self.limit.in_flight < self.limit.level:
                number += 1
                ticket = self.limit.take()
                accepted = self.busy < self.slots(self.now)
                self.busy += accepted
                seconds = self.latency(self.busy) if accepted else 0.001
                sign = Sign.SERVED if accepted else Sign.REFUSED
                heapq.heappush(events, (self.now + seconds, number, ticket, seconds, sign))
            self.now, _, ticket, seconds, sign = heapq.heappop(events)
            self.busy -= sign is Sign.SERVED
            (self.answers if sign is Sign.SERVED else self.refusals).append(self.now)
            self.limit.give_back(ticket, sign, seconds)
            self.in_flight.append((self.now, self.limit.in_flight))

    def levels(self, since: float, until: float) -> list[int]:
        return [level for time, level in self.in_flight if since < time < until]


def count(times: list[float], since: float, until: float) -> int:
    return sum(since < time < until for time in times)


def test_every_slot_is_used_from_the_first_second() -> None:
    simulation = Simulation(AdaptiveLimit(SLOTS), lambda _: SLOTS)
    simulation.run(100)
    assert len(simulation.answers) >= 0.99 * SLOTS * 100
    assert not simulation.refusals


def test_it_follows_a_server_down_and_up_and_is_rarely_refused() -> None:
    limit = AdaptiveLimit(SLOTS)
    simulation = Simulation(limit, lambda time: 8 if 20 < time < 120 else SLOTS)
    simulation.run(200)
    assert count(simulation.refusals, 0, 20) == 0
    assert {7, 8} >= set(simulation.levels(30, 120)), "a slot is empty only until it is refilled"
    refused, answered = (
        count(times, 30, 120) for times in (simulation.refusals, simulation.answers)
    )
    assert 0 < refused < 0.02 * answered
    assert answered > 0.98 * 8 * 90
    assert min(simulation.levels(150, 200)) >= 0.8 * SLOTS
    assert count(simulation.refusals, 150, 200) == 0


def test_a_burst_of_refusals_is_one_signal() -> None:
    limit = AdaptiveLimit(SLOTS)
    tickets = [limit.take() for _ in range(SLOTS)]
    for ticket in tickets:
        limit.give_back(ticket, Sign.REFUSED, 0.01)
    assert limit.level == SLOTS // 2


def test_a_refusal_keeps_what_is_being_served() -> None:
    limit = AdaptiveLimit(SLOTS)
    tickets = [limit.take() for _ in range(SLOTS)]
    for ticket in tickets[40:]:
        limit.give_back(ticket, Sign.REFUSED, 0.01)
    assert limit.level == 40


def test_after_strain_it_returns_quickly_to_nearly_the_level_that_was_good() -> None:
    limit = AdaptiveLimit(SLOTS)
    limit.give_back(limit.take(), Sign.STRAINED, 60.0)
    assert limit.level == SLOTS // 2
    Simulation(limit, lambda _: SLOTS).run(1.5)
    assert limit.level >= 0.85 * SLOTS


def test_it_never_falls_below_one_and_comes_back_from_there() -> None:
    limit = AdaptiveLimit(SLOTS)
    simulation = Simulation(limit, lambda time: 0 if time < 0.5 else SLOTS)
    simulation.run(0.5)
    assert limit.level == 1
    simulation.run(60)
    assert limit.level == SLOTS


def test_it_does_not_grow_where_more_requests_only_take_longer() -> None:
    limit = AdaptiveLimit(SLOTS)
    simulation = Simulation(limit, lambda time: 8 if time < 5 else SLOTS, lambda busy: busy / 8)
    simulation.run(300)
    assert max(simulation.levels(10, 300)) < SLOTS / 2
    late = simulation.levels(100, 300)
    assert sum(late) / len(late) < 2 * 8


def test_refusals_by_chance_cost_only_themselves() -> None:
    chance = random.Random(1)
    limit = AdaptiveLimit(SLOTS)
    tickets = deque(limit.take() for _ in range(SLOTS))
    levels = []
    for _ in range(50_000):
        sign = Sign.REFUSED if chance.random() < 0.05 else Sign.SERVED
        limit.give_back(tickets.popleft(), sign, 1.0)
        while limit.in_flight < limit.level:
            tickets.append(limit.take())
        levels.append(limit.level)
    assert sum(levels) / len(levels) > 0.85 * SLOTS
