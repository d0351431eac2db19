"""How many rows each pool gives, so that the shares are held.

A share that is a number is held to within one row. A source that is `all` gives everything, and the
others are measured against it. The whole is as large as the budget says or, where a source that
does not repeat has too little for its share, as that source allows.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from closedbook.config import MixSource
from closedbook.mixing.pool import Pool, Until

Fill = Callable[[Pool, Until], None]
"""Draws rows into a pool until there are enough."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """The pools of a mixture by name, what their shares are shares of, and the budget in tokens
    (None: no limit)."""

    pools: Mapping[str, Pool]
    by_rows: bool
    budget: int | None

    def amounts(self, fill: Fill) -> dict[str, int]:
        """Fill the pools as far as needed; the rows that each gives, its first ones."""
        size = math.inf if self.by_rows or self.budget is None else float(self.budget)
        shares, whole = self._given(fill)
        if whole:
            size = min(size, whole / sum(shares.values()))
        for pool in sorted(self._measured(), key=lambda pool: pool.source.repeat):
            share = shares[pool.source.name] = self._share(pool.source)
            if math.isinf(size) and pool.source.repeat and self.budget is None:
                # What repeats gives as much as the others need; alone, all it has once.
                fill(pool, lambda pool: len(pool.passes) == 1)
                size = self._measure(pool) / share if len(pool) else size
            wanted = size * share
            fill(pool, lambda pool, wanted=wanted: self._has(pool, wanted))  # type: ignore[misc]
            if pool.used_up and len(pool) and not whole:
                size = min(size, self._measure(pool) / share)
        if not any(map(len, self.pools.values())):
            return dict.fromkeys(self.pools, 0)
        return self._cut(shares, size)

    def _given(self, fill: Fill) -> tuple[dict[str, float], float]:
        """Shares of the sources that give all they have, and how much that is."""
        pools = [pool for pool in self.pools.values() if pool.source.share == "all"]
        for pool in pools:
            fill(pool, lambda _: False)
        whole = sum(map(self._measure, pools))
        left = 1 - sum(self._share(pool.source) for pool in self._measured())
        return {p.source.name: left * self._measure(p) / max(whole, 1) for p in pools}, whole

    def _measured(self) -> Iterator[Pool]:
        return (pool for pool in self.pools.values() if pool.source.share != "all")

    def _share(self, source: MixSource) -> float:
        return 0.0 if source.share == "all" else float(source.share)

    def _measure(self, pool: Pool) -> float:
        return len(pool) if self.by_rows else pool.tokens[-1]

    def _has(self, pool: Pool, wanted: float) -> bool:
        if self.by_rows and self.budget is not None and pool.tokens[-1] >= self.budget:
            return True
        if math.isinf(wanted):
            return False
        return self._measure(pool) >= (math.ceil(wanted) if self.by_rows else round(wanted))

    def _cut(self, shares: Mapping[str, float], size: float) -> dict[str, int]:
        if not self.by_rows:
            return {
                name: min(len(pool), bisect_left(pool.tokens, round(size * shares[name])))
                for name, pool in self.pools.items()
            }
        if math.isinf(size):
            size = min(len(p) / shares[name] for name, p in self.pools.items() if len(p))
        most = math.floor(size + 1e-6)
        if self.budget is None:
            return self._rows(shares, most)
        sizes = range(most + 1)
        fits = bisect_right(sizes, self.budget, key=lambda rows: self._tokens(shares, rows))
        return self._rows(shares, fits - 1)

    def _tokens(self, shares: Mapping[str, float], size: int) -> int:
        return sum(self.pools[name].tokens[n] for name, n in self._rows(shares, size).items())

    def _rows(self, shares: Mapping[str, float], size: int) -> dict[str, int]:
        """`size` rows by the largest remainders, none more than there are."""
        exact = {name: size * shares[name] for name in self.pools}
        rows = {name: math.floor(value + 1e-9) for name, value in exact.items()}
        for name in sorted(exact, key=lambda name: rows[name] - exact[name]):
            if sum(rows.values()) < size:
                rows[name] += 1
        return {name: min(number, len(self.pools[name])) for name, number in rows.items()}
