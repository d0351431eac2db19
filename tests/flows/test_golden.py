"""What shipped flows make of one small document, row by row, with the rehearsal teacher.

After a change that is meant: `python tools/golden_flows.py`, and read the difference.
"""

from __future__ import annotations

import json

import pytest

from closedbook.flows import load_flow
from golden_flows import FLOWS, FOLDER, make


@pytest.mark.parametrize("flow", FLOWS)
def test_a_shipped_flow_makes_what_it_made(flow: str) -> None:
    golden = (FOLDER / f"{flow}.jsonl").read_text(encoding="utf-8")
    assert make(flow).as_text() == golden


@pytest.mark.parametrize("flow", FLOWS)
def test_what_a_flow_says_to_expect_is_what_it_gives(flow: str) -> None:
    expects = load_flow(flow, FOLDER).spec.expects
    golden = (FOLDER / f"{flow}.jsonl").read_text(encoding="utf-8")
    given = json.loads(golden.splitlines()[0])
    assert expects is not None
    assert expects.asks == pytest.approx(given["asks"], rel=0.1)
    assert expects.rows == pytest.approx(given["rows"], rel=0.1)
