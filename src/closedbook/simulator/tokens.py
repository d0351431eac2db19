"""Tokens without a tokenizer: how many a text has, and how many of a prompt's are cached.

Both are approximations: a token is taken to be four characters, as English has on average with the
usual vocabularies.
"""

from __future__ import annotations

from collections import OrderedDict

CHARACTERS = 4
"""Per token."""
BLOCK = 16
"""Tokens per cached block, the default of vLLM."""


def count_tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS)


class PrefixCache:
    """Which beginnings of prompts a server would still hold: blocks chained by hash, as in vLLM's
    automatic prefix caching, the least recently used dropped beyond `capacity` blocks."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._blocks: OrderedDict[int, None] = OrderedDict()

    def read(self, prompt: str) -> int:
        """How many tokens of the prompt are cached; from now on all of its whole blocks are.

        The last token never counts: a server has to compute it to go on from it.
        """
        if not self.capacity:
            return 0
        size = BLOCK * CHARACTERS
        chain: list[int] = []
        for end in range(size, len(prompt) + 1, size):
            chain.append(hash((chain[-1] if chain else 0, prompt[end - size : end])))
        found = next((n for n, key in enumerate(chain) if key not in self._blocks), len(chain))
        self._keep(chain)
        return min(found, (count_tokens(prompt) - 1) // BLOCK) * BLOCK

    def _keep(self, chain: list[int]) -> None:
        """The beginning is touched last, because the rest is worth nothing without it."""
        for key in reversed(chain):
            self._blocks[key] = None
            self._blocks.move_to_end(key)
        while len(self._blocks) > self.capacity:
            self._blocks.popitem(last=False)

    def clear(self) -> None:
        self._blocks.clear()
