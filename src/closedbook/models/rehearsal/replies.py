"""The replies of the rehearsal teacher, each made from a brief alone.

Pairs, study texts, exam questions, verdicts, an answer to a question. Where the document offers
nothing, the reply is [NOTHING]; where the question cannot be answered from it, "I do not know.".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from closedbook.models.rehearsal.brief import Brief
from closedbook.models.rehearsal.cloze import Cloze, cloze_question, clozes, english
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.reading import reading
from closedbook.models.rehearsal.wording import questions, restatements, reverse_questions
from closedbook.models.rehearsal.words import word_set

Item = Fact | tuple[Cloze, ...]
"""What a question can be made of: a fact, or the gaps of one sentence."""
NOTHING = "[NOTHING]"
UNKNOWN = "I do not know."
MOST_BLOCKS = 80
"""Blocks in one reply; the versions of a longer document go on where the one before ended."""
_VAGUE = re.compile(r"(It|He|She|They|Its|His|Her|Their|The|This|These|There)\b")
"""Sentences that begin so may be unclear when moved."""
_ENOUGH_FACTS = 3
"""From this many facts on, common nouns are not asked for: the document has better to offer."""


def _block(**parts: str) -> str:
    return "\n".join([*(f"[{tag.upper()}] {text}" for tag, text in parts.items()), "[END]"])


def _blocks(blocks: Iterable[str]) -> str:
    return "\n\n".join(blocks) or NOTHING


def _window(items: Sequence[Item], version: int) -> list[Item]:
    """The items of one reply."""
    if len(items) <= MOST_BLOCKS:
        return list(items)
    start = (version - 1) * MOST_BLOCKS % len(items)
    return [*items[start:], *items[:start]][:MOST_BLOCKS]


@lru_cache(maxsize=256)
def _material(document: str, title: str) -> tuple[tuple[Fact, ...], tuple[tuple[Cloze, ...], ...]]:
    """The facts of a document, and the gaps of each sentence without one."""
    if not english(document):
        return (), ()
    read = reading(document, title)
    facts = tuple(fact for _, found in read for fact in found)
    gaps = (clozes(s, telling_only=len(facts) >= _ENOUGH_FACTS) for s, found in read if not found)
    return facts, tuple(gap for gap in gaps if gap)


def pairs(brief: Brief) -> str:
    """One question for each fact, one gap for each other sentence; other words in each version."""
    facts, gaps = _material(brief.document, brief.title)
    if "reverse direction" in brief.wish.lower():
        return _blocks(filter(None, (_backwards(fact, brief.version) for fact in _unique(facts))))
    return _blocks(_pair(item, brief) for item in _window([*facts, *gaps], brief.version))


def _pair(item: Item, brief: Brief) -> str:
    turn = brief.version - 1
    if isinstance(item, Fact):
        worded = questions(item)
        question = worded[turn % len(worded)]
        return _block(question=question, answer=item.value, evidence=item.evidence)
    cloze = item[turn % len(item)]
    question = cloze_question(cloze, brief.title, brief.version)
    return _block(question=question, answer=cloze.answer, evidence=cloze.evidence)


def _backwards(fact: Fact, version: int) -> str:
    worded = reverse_questions(fact)
    if not worded:
        return ""
    question = worded[(version - 1) % len(worded)]
    return _block(question=question, answer=fact.subject, evidence=fact.evidence)


def _unique(facts: Iterable[Fact]) -> list[Fact]:
    """Facts whose value stands in one fact only."""
    every = list(facts)
    values = [fact.value for fact in every]
    return [fact for fact in every if values.count(fact.value) == 1]


def study(brief: Brief) -> str:
    """The document told again: facts in other words, other sentences as they are."""
    if not english(brief.document):
        return NOTHING
    told: list[str] = []
    for sentence, facts in reading(brief.document, brief.title):
        for fact in facts:
            worded = restatements(fact)
            told.append(worded[(brief.version - 1) % len(worded)])
        if not facts and sentence.complete:
            vague = _VAGUE.match(sentence.text)
            told.append(f"About {brief.title}: {sentence.text}" if vague else sentence.text)
    if not told:
        return NOTHING
    start = (brief.version - 1) * len(told) // 4 % len(told)
    return _block(text=" ".join(told[start:] + told[:start]))


def exam(brief: Brief) -> str:
    """Multiple-choice questions; wrong options are the document's other values of the same kind."""
    facts, gaps = _material(brief.document, brief.title)
    shown = _window([*facts, *gaps], brief.version)
    every = [cloze for gap in gaps for cloze in gap]
    return _blocks(
        block
        for item in shown
        if (
            block := _fact_choice(item, facts, brief.version)
            if isinstance(item, Fact)
            else _gap_choice(item[0], every, brief)
        )
    )


def _fact_choice(fact: Fact, facts: tuple[Fact, ...], version: int) -> str:
    near = [f for f in facts if f.kind == fact.kind]
    alike = [f.value for f in near if f.form == fact.form]
    true = [f.value for f in near if f.phrase == fact.phrase and f.subject == fact.subject]
    others = _others(
        fact.value, [*alike, *(f.value for f in near)], " ".join([fact.subject, *true])
    )
    worded = questions(fact)
    if len(others) < 3:
        return ""
    return _options(worded[-(version % len(worded)) - 1], fact.value, others)


def _gap_choice(cloze: Cloze, every: list[Cloze], brief: Brief) -> str:
    alike = [other.answer for other in every if other.kind == cloze.kind]
    others = _others(cloze.answer, alike, cloze.evidence)
    if len(others) < 3:
        return ""
    question = cloze_question(cloze, brief.title, brief.version + 3)
    return _options(question, cloze.answer, others)


def _others(right: str, values: Iterable[str], excluded: str) -> list[str]:
    """Other values, none of which is part of the right one or of what is said with it."""
    kept = (
        v
        for v in values
        if v.lower() not in f"{right} {excluded}".lower() and right.lower() not in v.lower()
    )
    return list(dict.fromkeys(kept))


def _options(question: str, right: str, others: list[str]) -> str:
    start = sum(map(ord, question)) % len(others)
    wrong = (others[start:] + others[:start])[:3]
    return _block(
        question=question, correct=right, wrong_1=wrong[0], wrong_2=wrong[1], wrong_3=wrong[2]
    )


# --- judging and answering -------------------------------------------------------------------

_SMALL = word_set(
    "a an the of in on at to for from by with and or is was are were be been it its this that"
    " what which who whom whose where when why how did does do you your i me know tell say please"
    " name can could would like there as than then one some any give state"
)
_POINTING = re.compile(
    r"\b(this|the) (text|document|passage|article|paragraph|author)\b|^(it|he|she|they)\b",
    re.IGNORECASE,
)


def _content(text: str) -> set[str]:
    return {w for w in re.findall(r"\w+", text.lower()) if w not in _SMALL}


def _flat(text: str) -> str:
    return " ".join(re.sub(r"[*_`#>]", "", text).split()).lower()


def verdict(brief: Brief) -> str:
    """YES or NO for each tag, by the words that question, answer and document share."""
    document, answer = _flat(brief.document), brief.material.get("answer", "")
    question = brief.question
    evidence = _flat(brief.material.get("evidence", ""))
    source = evidence if evidence and evidence in document else document
    quoted = not evidence or evidence in document
    told = _content(f"{brief.title} {source}")
    supported = bool(answer) and quoted and _content(answer) <= told
    about = _content(f"{brief.title} {brief.document}")
    relevant = bool(_content(question) & about)
    names = {w.lower() for w in re.findall(r"\b[A-Z]\w+", f"{brief.title} {brief.document}")}
    named = bool(_content(question) & (names | _content(brief.title)))
    titled = bool(brief.title) and brief.title.lower() in question.lower()
    alone = titled or (named and not _POINTING.search(question))
    found = {"faithful": supported, "relevant": relevant, "standalone": alone}
    return _block(**{tag.lower(): "YES" if found[tag.lower()] else "NO" for tag in brief.form})


VERDICTS = frozenset({"FAITHFUL", "RELEVANT", "STANDALONE"})


def answer(brief: Brief) -> str:
    """The value of the fact the question asks for, else "I do not know."."""
    asked = _content(brief.question)
    facts, _ = _material(brief.document, brief.title)
    best, score = UNKNOWN, 0.6
    for fact in facts:
        if not _content(fact.subject) & asked:
            continue
        for worded in questions(fact):
            words = _content(worded)
            alike = len(asked & words) / len(asked | words)
            if alike > score:
                best, score = fact.value, alike
    return best


def summary(brief: Brief) -> str:
    """The sentences of the document that state most, in order."""
    read = reading(brief.document, brief.title) if english(brief.document) else ()
    ranked = sorted(range(len(read)), key=lambda i: (-len(read[i][1]), i))
    chosen = sorted(ranked[: max(2, len(read) // 3)])
    return " ".join(read[i][0].text for i in chosen) or NOTHING
