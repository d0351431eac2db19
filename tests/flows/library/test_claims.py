"""A judge's claims are believed only as far as their quotes are in the document."""

from __future__ import annotations

import pytest

from closedbook.errors import StepError
from closedbook.flows.library.steps.claims import check_claims

DOCUMENT = "Orr Mill was founded in 1,921 by **Ada Ore**,\na chemist. It “never” sold wool."
GOOD = 'SUPPORTED: Ada Ore founded it | "founded in 1,921 by Ada Ore"'


@pytest.mark.parametrize(
    ("claims", "unsupported", "misquoted", "evidence"),
    [
        (GOOD, 0, 0, "founded in 1,921 by Ada Ore"),
        (f"1. **SUPPORTED:** she was | “Ada Ore, a chemist”\n{GOOD}", 0, 0, "Ada Ore, a chemist"),
        (f"- {GOOD}\n- NOT FOUND: it sold bread", 1, 0, "founded in 1,921 by Ada Ore"),
        (f'{GOOD}\nCONTRADICTED: a | "It “never” sold wool"', 1, 0, "founded in 1,921 by Ada Ore"),
        ('SUPPORTED: it sold wool | "It gladly sold wool"', 0, 1, ""),
        ("SUPPORTED: it sold wool", 0, 1, ""),
        ('SUPPORTED: both | "Orr Mill … a chemist"', 0, 0, "Orr Mill … a chemist"),
        ('SUPPORTED: the word | "It “never” sold wool."', 0, 0, "It “never” sold wool."),
        ('not_found: this\nSupported: a | "a chemist"', 1, 0, "a chemist"),
        ('SUPPORTED: parts of words do not count | "hemist"', 0, 1, ""),
    ],
)  # fmt: skip
def test_claims_are_counted_and_quotes_looked_up(
    claims: str, unsupported: int, misquoted: int, evidence: str
) -> None:
    checked = check_claims({"claims": claims, "document": DOCUMENT})
    assert checked == {
        "unsupported": str(unsupported),
        "misquoted": str(misquoted),
        "evidence": evidence,
    }


def test_a_verdict_without_claims_is_none() -> None:
    with pytest.raises(StepError, match="the judge checked no claim"):
        check_claims({"claims": "All of it is well supported.", "document": DOCUMENT})
