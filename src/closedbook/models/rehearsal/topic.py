"""What a document is about: its name as the text writes it, and the nouns it may be called by."""

from __future__ import annotations

import re
from collections import Counter

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.values import head_noun, is_capital, is_person_name


def bare_title(name: str) -> str:
    """Without its article."""
    return re.sub(r"^the ", "", name, flags=re.IGNORECASE)


def topic_name(title: str, text: str, opening: list[str]) -> str:
    """The title as the text writes it, or the name the text opens with."""
    bare = bare_title(title.strip())
    pattern = rf"\b(the |an? )?({re.escape(bare)})(?!\w)"
    in_text = re.findall(pattern, text, flags=re.IGNORECASE) if bare else []
    if in_text:
        article = sum(1 for found, _ in in_text if found) * 2 > len(in_text)
        written = Counter(name for _, name in in_text).most_common(1)[0][0]
        return f"the {written}" if article else written
    last = bare.rsplit(maxsplit=1)[-1] if bare else ""
    if last and [w.lower() for w in opening[:2]] in (["this", last], ["the", last]):
        return f"the {bare}"
    end = next((i for i, w in enumerate(opening) if not is_capital(w)), len(opening))
    name = opening[:end]
    article = bool(name) and name[0].lower() in lexicon.ARTICLES
    name = name[1:] if article else name
    if is_person_name(name):
        return joined(name)
    return bare


def class_nouns(name: str, text: str) -> frozenset[str]:
    """Nouns the text may call its topic by: those like the one it is defined with, or like a word
    of its name, or else the one the text uses."""
    parts = name.lower().split()
    defined = _defined(name, text)
    heads = [*defined, *(part for part in parts if part in lexicon.CLASSES), *parts[-1:]]
    if not defined and not any(head in group for head in heads for group in lexicon.ALIKE):
        if set(parts) & lexicon.ORGANISATION_WORDS:
            heads.append("company")
        used = re.findall(r"(?:^|[.!?] )The (\w+) (?:\w+ed|is|was|has|had|lies|\w+s) ", text)
        heads += [noun for noun in used if noun in lexicon.CLASSES - lexicon.PERSON_CLASSES][:1]
    nouns = {head for head in heads if head.isalpha()}
    for head in heads:
        for group in lexicon.ALIKE:
            nouns |= group if head in group else frozenset()
    return frozenset(nouns)


def _defined(name: str, text: str) -> list[str]:
    """The nouns of "Orr is a small mill and bakery in ..."."""
    start = rf"{re.escape(name)}[^.]{{0,60}}? (?:is|was|are|were|,) (?:an?|one of the|the)"
    found = re.search(rf"{start} ([^.,;]+)", text, flags=re.IGNORECASE)
    words = found[1].split() if found else []
    closed = lexicon.PREPOSITIONS | {"that", "which", "who", "of"}
    ends = (i for i, w in enumerate(words) if w in closed or (w.endswith("ed") and i))
    words = words[: next(ends, len(words))]
    heads = [words[i - 1] for i, w in enumerate(words) if w == "and" and i]
    heads = [*heads, head_noun(words)] if words else []
    vague = found is not None and not found[0].lower().endswith(f"the {found[1].lower()}")
    return heads if vague else [head for head in heads if head in lexicon.CLASSES]


def opens_with(name: str, title: str, opening: str) -> bool:
    """Whether the text begins with its topic: named in the title, or else defined ("Orr is a
    ...")."""
    bare = re.escape(bare_title(name))
    own = re.escape(bare_title(name).rsplit(maxsplit=1)[-1]) if bare else ""
    if own and re.match(rf"(?:This|The) {own}\b", opening):
        return True
    if not bare or not re.search(rf"(?<!\w){bare}(?!\w)", opening):
        return False
    titled = bare_title(title.strip()).lower() == bare_title(name).lower()
    return titled or re.search(rf"{bare}[^.]{{0,60}}? (?:is|was) (?:an?|the) ", opening) is not None
