"""The rehearsal teacher's part in a chain that makes in-context examples.

Draft, refine, JSON, verify: it drafts from the facts it reads, and the later turns give back what
stands in the conversation.
"""

from __future__ import annotations

import json
import re

from closedbook.models.rehearsal.brief import Brief
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.items import NOTHING, block, material
from closedbook.models.rehearsal.sentences import sentences
from closedbook.models.rehearsal.wording import questions

_LONGEST = 10
_LEAST_FACTS = 2
_INVENTED = (
    "Quarrel Bridge is a stone bridge in Odmere. It was built in 1764 by Hanne Brook, a mason. It"
    " crosses the river Sill and is 90 metres long. In 1811 a flood took two of its arches. The"
    " arches were rebuilt in 1815. The toll was ended in 1902."
)
_PASSAGE = re.compile(r"\[PASSAGE\](.*?)\[DRAFT\]", re.DOTALL)


def draft(brief: Brief) -> str:
    """A passage with three pairs in plain text."""
    invented = re.search(r"^Invent\b", brief.wish, re.MULTILINE)
    own = " ".join(sentence.text for sentence in sentences(brief.document)[:_LONGEST])
    passage, title = (_INVENTED, "Quarrel Bridge") if invented else (own, brief.title)
    made = _pairs(passage, title)
    if not made:
        return NOTHING
    said = "\n\n".join(f"{pair['question']}\n{pair['answer']}" for pair in made)
    return block(passage=passage, draft=said)


def as_json(brief: Brief) -> str:
    """The pairs of the passage in the conversation."""
    found = next(filter(None, map(_PASSAGE.search, brief.replies)), None)
    passage = found[1].strip() if found else brief.document
    title = "Quarrel Bridge" if passage == _INVENTED else brief.title
    return json.dumps(_pairs(passage, title), ensure_ascii=False, indent=2)


def _pairs(passage: str, title: str) -> list[dict[str, str]]:
    """A specific fact, the broader theme, reasoning over two places; none without two facts."""
    facts, _ = material(passage, title)
    if len(facts) < _LEAST_FACTS:
        return []
    first, last = facts[0], facts[-1]
    theme = f"{title} is told of here by {len(facts)} facts, from {first.value} to {last.value}."
    joined = (
        f"{_because(first)} {_because(last)} So {first.value} and {last.value} belong together."
    )
    return [
        {"kind": "fact", "question": questions(first)[0], "answer": _because(first)},
        {
            "kind": "theme",
            "question": f"What is there to know about {title} at large?",
            "answer": f"{theme} {passage}",
        },
        {
            "kind": "reasoning",
            "question": f"How do two things known of {title} go together: {first.value} and"
            f" {last.value}?",
            "answer": joined,
        },
    ]


def _because(fact: Fact) -> str:
    return f"What is known is this: {fact.evidence} That gives {fact.value}."
