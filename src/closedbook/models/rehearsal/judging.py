"""The rehearsal teacher's verdicts: by the words that question, answer and document share."""

from __future__ import annotations

import re

from closedbook.models.rehearsal.brief import Brief
from closedbook.models.rehearsal.items import UNKNOWN, block, content_words
from closedbook.models.rehearsal.sentences import sentences

VERDICTS = frozenset(
    {
        *("FAITHFUL", "RELEVANT", "STANDALONE"),
        *("CLAIMS", "RELEVANCY", "SELF_CONTAINED"),
        *(f"{name}_EXPLANATION" for name in ("FAITHFULNESS", "RELEVANCY", "SELF_CONTAINED")),
    }
)
_POINTING = re.compile(
    r"\b(this|the) (text|document|passage|article|paragraph|author)\b|^(it|he|she|they)\b",
    re.IGNORECASE,
)


def verdict(brief: Brief) -> str:
    """A verdict for each tag asked for."""
    answer = brief.material.get("answer", "")
    supported, relevant, alone = _supported(brief), _relevant(brief), _stands_alone(brief)
    quote = _quote(brief) if supported else ""
    claim = f'SUPPORTED: {answer} | "{quote}"' if quote else f"NOT FOUND: {answer}"
    # A verdict that gives claims holds what they hold.
    faithful = bool(quote) if "CLAIMS" in brief.form else supported
    points = relevant + (relevant and bool(answer) and answer != UNKNOWN)
    found = {
        "FAITHFUL": _yes(faithful),
        "RELEVANT": _yes(relevant),
        "STANDALONE": _yes(alone),
        "CLAIMS": claim,
        "RELEVANCY": str(points),
        "SELF_CONTAINED": str(int(alone)),
        "FAITHFULNESS_EXPLANATION": f"The words of the answer are there: {_yes(faithful)}.",
        "RELEVANCY_EXPLANATION": f"Question and document share words: {_yes(relevant)}.",
        "SELF_CONTAINED_EXPLANATION": f"The question names its subject: {_yes(alone)}.",
    }
    return block(**{tag.lower(): found[tag] for tag in brief.form})


def same_answer(brief: Brief) -> str:
    """Whether an answer has all telling words of an accepted one, or only such words."""
    said = content_words(brief.material.get("answer", ""))
    accepted = [content_words(line) for line in brief.material.get("accepted", "").splitlines()]
    right = any(said <= words or words <= said for words in filter(None, accepted) if said)
    return block(verdict="RIGHT" if right else "WRONG")


def _yes(holds: bool) -> str:
    return "YES" if holds else "NO"


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[*_`#>]", "", text).split()).lower()


def _supported(brief: Brief) -> bool:
    """Whether every telling word of the answer is in the evidence, or else in the document."""
    document, answer = _flat(brief.document), brief.material.get("answer", "")
    evidence = _flat(brief.material.get("evidence", ""))
    source = evidence if evidence and evidence in document else document
    quoted = not evidence or evidence in document
    told = content_words(f"{brief.title} {source}")
    return bool(answer) and quoted and content_words(answer) <= told


def _relevant(brief: Brief) -> bool:
    about = content_words(f"{brief.title} {brief.document}")
    return bool(content_words(brief.question) & about)


def _stands_alone(brief: Brief) -> bool:
    """Whether the question has the title, or a name, and points at nothing unseen. Where no
    document is shown, any name within the question will do."""
    shown = f"{brief.title} {brief.document}".strip() or brief.question.partition(" ")[2]
    names = {w.lower() for w in re.findall(r"\b[A-Z]\w+", shown)}
    named = bool(content_words(brief.question) & (names | content_words(brief.title)))
    titled = bool(brief.title) and brief.title.lower() in brief.question.lower()
    return titled or (named and not _POINTING.search(brief.question))


def _quote(brief: Brief) -> str:
    """The sentence that holds the answer and most of the question; "" if none holds the answer."""
    wanted = content_words(brief.material.get("answer", "")) - content_words(brief.title)
    asked = content_words(brief.question)
    held = [(content_words(s.text), s.text) for s in sentences(brief.document)]
    fitting = [(len(words & asked), text) for words, text in held if wanted <= words]
    return max(fitting, key=lambda found: found[0])[1] if fitting else ""
