"""What a judge says of single claims, held against the document it quotes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from closedbook.errors import StepError
from closedbook.flows.library.steps.words import quoted_in
from closedbook.flows.plugins import step

_CLAIM = re.compile(
    r"^[\s\d.)*_`•-]*(SUPPORTED|CONTRADICTED|NOT[ _]FOUND)[*_`]*\s*:?[*_`]*\s*(.*)$",
    re.MULTILINE | re.IGNORECASE,
)
_QUOTE = re.compile(r"[\"“„»«](.+)[\"”“«»]")


@step("check_claims")
def check_claims(row: Mapping[str, str]) -> dict[str, str]:
    """Columns `claims`, `document` -> `unsupported` (claims contradicted or not found), `misquoted`
    (claims called supported whose quote is not in the document), `evidence` (the first quote that
    is). Raises StepError if no line says anything of a claim."""
    found = [(verdict.upper(), text) for verdict, text in _CLAIM.findall(row["claims"])]
    if not found:
        raise StepError("the judge checked no claim")
    supported = [text for verdict, text in found if verdict == "SUPPORTED"]
    quotes = [_quote(text) for text in supported]
    held = [quote for quote in quotes if quoted_in(quote, row["document"])]
    return {
        "unsupported": str(len(found) - len(supported)),
        "misquoted": str(len(quotes) - len(held)),
        "evidence": held[0] if held else "",
    }


def _quote(claim: str) -> str:
    """What stands in quotation marks behind the bar."""
    found = _QUOTE.search(claim.rpartition("|")[2])
    return found[1] if found else ""
