"""The rehearsal teacher's questions, texts and exams, each made from a brief alone.

Where the material offers nothing, the reply is [NOTHING].
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from closedbook.models.rehearsal.asks import turned
from closedbook.models.rehearsal.brief import Brief
from closedbook.models.rehearsal.cloze import Cloze, cloze_question
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.items import NOTHING, Item, block, blocks, material, told, window
from closedbook.models.rehearsal.wording import questions, restatements, reverse_questions

_VAGUE = re.compile(r"(It|He|She|They|Its|His|Her|Their|The|This|These|There)\b")
"""Sentences that begin so may be unclear when moved."""
_FORWARDS, _REVERSED, _RETOLD = 3, 2, 5
"""What is made of a single fact."""


def pairs(brief: Brief) -> str:
    """One question for each fact, one gap for each other sentence; other words in each version.
    With its evidence if the form has it; for an exam, in the words kept for exams."""
    if "fact" in brief.material:
        return _about_one_fact(brief)
    facts, gaps = material(brief.source, brief.title)
    if "reverse direction" in brief.wish.lower():
        return blocks(filter(None, (_backwards(fact, brief) for fact in _unique(facts))))
    return blocks(_pair(item, brief) for item in window([*facts, *gaps], brief.version))


def questions_alone(brief: Brief) -> str:
    """The questions of `pairs`, without answers."""
    facts, gaps = material(brief.source, brief.title)
    items = window([*facts, *gaps], brief.version)
    return blocks(block(question=_asked(item, brief)[0]) for item in items)


def _pair(item: Item, brief: Brief) -> str:
    question, answer, evidence = _asked(item, brief)
    return _block(brief, evidence, question=question, answer=answer)


def _block(brief: Brief, evidence: str, **parts: str) -> str:
    """A block with its evidence, if the form has it."""
    quoted = {"evidence": evidence} if "EVIDENCE" in brief.form else {}
    return block(**parts, **quoted)


def _asked(item: Item, brief: Brief) -> tuple[str, str, str]:
    """Question, answer, evidence."""
    turn = -brief.version - 1 if brief.for_exam else brief.version - 1
    if isinstance(item, Fact):
        worded = questions(item)
        return brief.named(worded[turn % len(worded)]), item.value, item.evidence
    cloze = item[turn % len(item)]
    question = cloze_question(cloze, brief.title, turn + 1)
    return brief.named(question), cloze.answer, cloze.evidence


def _backwards(fact: Fact, brief: Brief) -> str:
    worded = reverse_questions(fact)
    if not worded:
        return ""
    question = brief.named(worded[(brief.version - 1) % len(worded)])
    return _block(brief, fact.evidence, question=question, answer=fact.subject)


def _about_one_fact(brief: Brief) -> str:
    """A few questions each way; what its sentence holds besides is another fact's."""
    facts, gaps = material(brief.source, brief.title)
    made: list[str] = []
    for fact in facts[:1]:
        forwards = questions(fact)[:_FORWARDS]
        back = reverse_questions(fact)[:_REVERSED]
        made.extend(block(question=brief.named(text), answer=fact.value) for text in forwards)
        made.extend(block(question=brief.named(text), answer=fact.subject) for text in back)
    return blocks(made or (_pair(gap, brief) for gap in gaps[:1]))


def _unique(facts: Iterable[Fact]) -> list[Fact]:
    """Facts whose value stands in one fact only."""
    every = list(facts)
    values = [fact.value for fact in every]
    return [fact for fact in every if values.count(fact.value) == 1]


def study(brief: Brief) -> str:
    """The document told again: facts in other words, other sentences as they are. Of a single
    fact, several tellings."""
    if "fact" in brief.material:
        facts, _ = material(brief.source, brief.title)
        texts = [text for fact in facts[:1] for text in restatements(fact)[:_RETOLD]]
        return blocks(block(text=text) for text in texts or [brief.source])
    texts = retold(brief.source, brief.title, brief.version)
    begun = turned(texts, (brief.version - 1) * len(texts) // 4)
    return block(text=" ".join(begun)) if begun else NOTHING


def retold(text: str, title: str, version: int) -> list[str]:
    """What a text states, sentence by sentence, in the words of one version."""
    texts: list[str] = []
    for sentence, facts in told(text, title):
        for fact in facts:
            worded = restatements(fact)
            texts.append(worded[(version - 1) % len(worded)])
        if not facts and sentence.complete:
            vague = _VAGUE.match(sentence.text)
            texts.append(f"About {title}: {sentence.text}" if vague else sentence.text)
    return texts


def exam(brief: Brief) -> str:
    """Multiple-choice questions; wrong options are the document's other values of the same kind."""
    facts, gaps = material(brief.document, brief.title)
    every = [cloze for gap in gaps for cloze in gap]
    choices = (
        _fact_choice(item, facts, brief)
        if isinstance(item, Fact)
        else _gap_choice(item[0], every, brief)
        for item in window([*facts, *gaps], brief.version)
    )
    return blocks(filter(None, choices))


def _fact_choice(fact: Fact, facts: tuple[Fact, ...], brief: Brief) -> str:
    near = [f for f in facts if f.kind == fact.kind]
    alike = [f.value for f in near if f.form == fact.form]
    true = [f.value for f in near if f.phrase == fact.phrase and f.subject == fact.subject]
    excluded = " ".join([fact.subject, *true])
    others = _others(fact.value, [*alike, *(f.value for f in near)], excluded)
    worded = questions(fact)
    question = worded[-(brief.version % len(worded)) - 1]
    return _options(brief, question, fact.value, others, fact.evidence)


def _gap_choice(cloze: Cloze, every: list[Cloze], brief: Brief) -> str:
    alike = [other.answer for other in every if other.kind == cloze.kind]
    others = _others(cloze.answer, alike, cloze.evidence)
    question = cloze_question(cloze, brief.title, brief.version + 3)
    return _options(brief, question, cloze.answer, others, cloze.evidence)


def _others(right: str, values: Iterable[str], excluded: str) -> list[str]:
    """Other values, none of which is part of the right one or of what is said with it."""
    said, right = f"{right} {excluded}".lower(), right.lower()
    kept = (v for v in values if v.lower() not in said and right not in v.lower())
    return list(dict.fromkeys(kept))


def _options(brief: Brief, question: str, right: str, others: list[str], evidence: str) -> str:
    """ "" where there are too few others."""
    if len(others) < 3:
        return ""
    first, second, third = turned(others, sum(map(ord, question)))[:3]
    parts = {"wrong_1": first, "wrong_2": second, "wrong_3": third}
    return _block(brief, evidence, question=question, correct=right, **parts)
