"""One arm's training mixture: kept rows and replay, rendered to chat messages, counted in tokens.

Knows the student's tokenizer and nothing of training.
"""

from typing import TYPE_CHECKING

from closedbook.lazily import exported as _exported

if TYPE_CHECKING:
    from closedbook.mixing.ingredients import Ingredients
    from closedbook.mixing.mixture import mix

__all__ = ["Ingredients", "mix"]
__getattr__ = _exported(__name__, {"Ingredients": "ingredients", "mix": "mixture"})
