"""Telling a model's thinking from its answer, in every shape in which both come back.

Knows a message's two texts (its content, and its thinking where the endpoint gives that apart) and
what the model's profile says; not JSON. Thinking never reaches the answer: thinking without an end
makes the answer empty.
"""

from __future__ import annotations

import re
from functools import lru_cache

from closedbook.models.profiles.profile import Thinking

ANY = Thinking()
"""Of a model nothing is known of."""
_CHANNEL = re.compile(
    r"(?:<\|start\|>\s*assistant\s*)?<\|channel\|>\s*(\w+)[^<]*(?:<\|constrain\|>[^<]*)?<\|message\|>"
)
_HARMONY = re.compile(r"<\|(?:start\|>\s*assistant|end\|>|return\|>|call\|>)")
# A server that drops special tokens leaves the words between them.
_BARE_CHANNELS = re.compile(r"\s*analysis(?=[A-Z])(.*?)(?:assistantfinal(.*))?", re.DOTALL)


def split_thinking(text: str, shape: Thinking = ANY) -> tuple[str, str]:
    """(reasoning, answer) of a text.

    A stretch is thinking if a tag opens it or a tag closes it (several templates put the opening
    tag into the prompt, so that replies hold only the closing one). If the last stretch was opened
    and not closed, the reply was cut off while thinking: all of it is reasoning. A text has one
    kind of tag, that of its first: any other is a word the model writes about.
    """
    if "<|channel|>" in text:
        return _by_channel(text)
    if shape.channels and (bare := _BARE_CHANNELS.fullmatch(text)):
        return bare[1].strip(), (bare[2] or "").strip()
    if (pair := _first_pair(text, shape.tags)) is None:
        return "", _unwrapped(text, shape)
    stretches = _tag((pair,)).split(text)
    # Between two stretches: the opening tag or None, the closing tag or None.
    texts, opens = stretches[::3], [tag is not None for tag in stretches[1::3]]
    opened, closed = [False, *opens], [*(not tag for tag in opens), False]
    unfinished = opened[-1]
    reasoning: list[str] = []
    answer: list[str] = []
    for piece, is_opened, is_closed in zip(texts, opened, closed, strict=True):
        (reasoning if unfinished or is_opened or is_closed else answer).append(piece.strip())
    return "\n".join(filter(None, reasoning)), _unwrapped("\n".join(filter(None, answer)), shape)


def tell_apart(
    content: str,
    apart: str = "",
    *,
    finished: bool = True,
    shape: Thinking = ANY,
    wanted: bool | None = None,
) -> tuple[str, str]:
    """(reasoning, answer) of a message: its `content`, and the thinking it gives `apart`.

    `finished` is whether the model came to an end of its own; `wanted` is what was asked of it.
    """
    thinks = shape.expected(wanted)
    if not content.strip() and apart.strip():
        return _all_apart(apart, shape, finished=finished, thinks=thinks)
    begins_within = shape.opened_by_template and thinks is not False and not apart
    if begins_within and not finished and not _has_marks(content, shape):
        return content.strip(), ""
    within, answer = split_thinking(content, shape)
    before = _without_marks(apart, shape) if apart else ""
    return "\n".join(filter(None, (before, within))), answer


def _all_apart(
    apart: str, shape: Thinking, *, finished: bool, thinks: bool | None
) -> tuple[str, str]:
    """Some servers put the answer where thinking belongs, and nothing where it does: what follows
    the end of thinking is the answer, and all is, if the model was not thinking."""
    if _has_marks(apart, shape):
        reasoning, answer = split_thinking(apart, shape)
        if answer and finished:
            return reasoning, answer
    elif thinks is False:
        return "", _unwrapped(apart, shape)
    return _without_marks(apart, shape), ""


def _by_channel(text: str) -> tuple[str, str]:
    """Harmony format: what is in the channel `final` is the answer; what is before any channel is
    one only if there is no `final`."""
    before, *parts = _CHANNEL.split(text)
    names, texts = parts[::2], [_HARMONY.sub("", part).strip() for part in parts[1::2]]
    answer = [part for name, part in zip(names, texts, strict=True) if name == "final"]
    reasoning = [part for name, part in zip(names, texts, strict=True) if name != "final"]
    reasoning.insert(0, _HARMONY.sub("", before).strip())
    return "\n".join(filter(None, reasoning)), "\n".join(filter(None, answer))


@lru_cache
def _tag(tags: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    """Any opening tag as the first group, or any closing one as the second."""
    opening, closing = ("|".join(re.escape(pair[end]) for pair in tags) for end in (0, 1))
    return re.compile(f"({opening})|({closing})", re.IGNORECASE)


def _has_marks(text: str, shape: Thinking) -> bool:
    return "<|channel|>" in text or _first_pair(text, shape.tags) is not None


def _first_pair(text: str, tags: tuple[tuple[str, str], ...]) -> tuple[str, str] | None:
    """What the first tag in a text belongs to. Nearly every text has no tag, and to look for their
    words first takes a fraction of what the pattern takes."""
    lowered = text.lower()
    if not any(word in lowered for word in _words(tags)):
        return None
    found = [(at, pair) for tag, pair in _lowered(tags) if (at := lowered.find(tag)) >= 0]
    return min(found)[1] if found else None


@lru_cache
def _words(tags: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """The fewest words of which every tag holds one."""
    names = {max(re.findall(r"\w+", tag), key=len, default=tag) for tag, _ in _lowered(tags)}
    return tuple(name for name in names if not any(name != other in name for other in names))


@lru_cache
def _lowered(tags: tuple[tuple[str, str], ...]) -> tuple[tuple[str, tuple[str, str]], ...]:
    return tuple((tag.lower(), pair) for pair in tags for tag in pair)


def _without_marks(text: str, shape: Thinking) -> str:
    pieces = _tag(shape.tags).split(_HARMONY.sub("", _CHANNEL.sub("", text)))[::3]
    return "\n".join(filter(None, (piece.strip() for piece in pieces)))


def _unwrapped(answer: str, shape: Thinking) -> str:
    for mark in shape.answer_tags:
        answer = re.sub(re.escape(mark), "", answer, flags=re.IGNORECASE)
    return answer.strip()
