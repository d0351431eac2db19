"""What a user would not expect of a mixture, told in a line each with what helps.

Knows the filled pools and how much of each is taken, not why a share is what it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from closedbook.errors import InputError
from closedbook.hints import path_shown
from closedbook.mixing.pool import Pool

REJECTIONS = "rejections.jsonl"
NEARLY = 0.99
"""Share of the wished tokens from which they count as reached: rows are not cut."""
_OTHER_TEMPLATE = "name a training template in the student's profile"
_REMEDIES = {
    "too long": "raise train.max_length",
    "special token in text": "take the student's special tokens out of the texts",
    "template rewrites turns": _OTHER_TEMPLATE,
    "template refuses the conversation": _OTHER_TEMPLATE,
    "template has no end of turn": _OTHER_TEMPLATE,
    "prompt is tokenized otherwise": _OTHER_TEMPLATE,
}
"""What helps against what a row was refused for."""


def refuse_if_empty(
    pools: Mapping[str, Pool], amounts: Mapping[str, int], wished: int | None, out: Path
) -> None:
    """Raises InputError where no row of knowledge can be used."""
    knowledge = [name for name, pool in pools.items() if pool.source.of != "replay"]
    if any(amounts[name] for name in knowledge):
        return
    nothing = f"mix/{out.name}: nothing to train on"
    refused = sum((pools[name].refused for name in knowledge), Counter[str]())
    if refused and not any(len(pools[name]) for name in knowledge):
        raise InputError(
            f"{nothing}: none of the rows can be encoded, {_mostly(refused)}",
            hint=_what_to_do(refused, out),
        )
    little = "what is there" if wished is None else f"mix.tokens: {wished:,}"
    raise InputError(
        f"{nothing}: {little} is too little for a row of {' or '.join(knowledge)}",
        hint=f"raise {_room(wished)}",
    )


def shortcomings(
    pools: Mapping[str, Pool], amounts: Mapping[str, int], wished: int | None, out: Path
) -> Iterator[str]:
    """Sources that give no row, and what is used up before the `wished` tokens."""
    for name, pool in pools.items():
        if pool.refused and not len(pool):
            what = f"no {name} row could be encoded, {_mostly(pool.refused)}"
            yield f"{what}; {_what_to_do(pool.refused, out)}"
        elif not amounts[name]:
            yield f"no {name} row: its share is less than one; raise {_room(wished)}"
    got = sum(pool.tokens[amounts[name]] for name, pool in pools.items())
    short = wished is not None and got < NEARLY * wished
    ended = [
        pool
        for name, pool in pools.items()
        if pool.used_up and len(pool) == amounts[name] and len(pool)
        if short or pool.source.share != "all"
    ]
    if ended:
        told = ", ".join(f"{pool.source.name} ({len(pool):,} rows)" for pool in ended)
        size = f": {got:,} of the {wished:,} tokens wished for" if short else ""
        again = any(pool.source.share != "all" for pool in ended)
        then = "; mix.repeat: true starts it again" if again else ""
        yield f"{told} used up{size}{then}"


def _room(wished: int | None) -> str:
    return "its share" if wished is None else "mix.tokens or its share"


def _mostly(refused: Counter[str]) -> str:
    reason, count = refused.most_common(1)[0]
    return f"{count:,} of {refused.total():,}: {reason}"


def _what_to_do(refused: Counter[str], out: Path) -> str:
    reason, _ = refused.most_common(1)[0]
    remedy = _REMEDIES.get(reason, "give the source other rows")
    return f"see {path_shown(out / REJECTIONS)}, or {remedy}"
