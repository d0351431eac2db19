"""docs/library.md tells of every shipped flow, with the figures of the golden files."""

from __future__ import annotations

import json
import re
from pathlib import Path

from closedbook.flows import load_flow
from golden_flows import FLOWS, FOLDER

PAGE = Path(__file__).parents[2] / "docs" / "library.md"
ROW = re.compile(r"^\| `([\w-]+)` \| (\w+) \| .* \| (\d+) \| (\d+) \|$", re.MULTILINE)


def test_the_table_has_every_flow_with_what_it_gave() -> None:
    told = {found[1]: found.groups()[1:] for found in ROW.finditer(PAGE.read_text("utf-8"))}
    given = {}
    for flow in FLOWS:
        head = json.loads((FOLDER / f"{flow}.jsonl").read_text("utf-8").splitlines()[0])
        makes = load_flow(flow, FOLDER).makes
        given[flow] = (makes, str(head["asks"]), str(head["rows"]))
    assert told == given
