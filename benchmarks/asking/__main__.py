"""What asking a teacher costs and withstands, beside baselines (`make asking`).

    python -m benchmarks.asking FIGURE

    cost      CPU seconds per 1,000 requests, zero-latency server, beside a bare aiohttp loop
    slots     wall time and slot use, lognormal latency, beside bare loops in three orders
    limits    a server with 64, then 8, then 64 slots: how soon the number in flight follows
    faults    5 % 429, 2 % 500, 1 % resets, 10 % malformed, beside none
    kill      kill -9 at half, and again: what is asked twice
    outage    the server dies for --seconds, or for good
    edit      what an edited flow, prompt or document asks anew
    replicas  four replicas, one of which dies; prefix-cache hits
    budget    money by the server's count against the cap
    replay    a run whose answers are all in the journal
    memory    peak memory at 1,000 and at --documents documents

The server is `closedbook simulate` in a process of its own.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks.asking.budget import budget
from benchmarks.asking.cost import cost
from benchmarks.asking.edit import edit
from benchmarks.asking.faults import faults
from benchmarks.asking.kill import kill
from benchmarks.asking.limits import limits
from benchmarks.asking.memory import memory
from benchmarks.asking.outage import outage
from benchmarks.asking.replay import replay
from benchmarks.asking.replicas import replicas
from benchmarks.asking.slots import slots

PLAIN: tuple[Callable[[], None], ...] = (
    *(cost, slots, limits, faults, kill, edit, replicas, budget, replay),
)
SCALED: tuple[Callable[[argparse.Namespace], None], ...] = (outage, memory)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.asking",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    plain = {call.__name__: call for call in PLAIN}
    scaled = {call.__name__: call for call in SCALED}
    parser.add_argument("figure", choices=[*plain, *scaled], metavar="FIGURE")
    parser.add_argument("--seconds", type=float, default=20.0, help="of an outage")
    parser.add_argument("--documents", type=int, default=100_000, help="the larger number of two")
    arguments = parser.parse_args()
    if arguments.figure in plain:
        plain[arguments.figure]()
    else:
        scaled[arguments.figure](arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
