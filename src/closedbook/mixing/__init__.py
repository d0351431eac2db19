"""One arm's training mixture: sources drawn in their shares, rendered to chat messages, counted in
tokens.

Knows the student's tokenizer and profile, and nothing of training.
"""

from typing import TYPE_CHECKING

from closedbook.lazily import exported as _exported
from closedbook.mixing.recipe import load_recipe
from closedbook.mixing.replay import DATASET, replay_problems

if TYPE_CHECKING:
    from closedbook.mixing.ingredients import Ingredients
    from closedbook.mixing.mixture import mix

__all__ = ["DATASET", "Ingredients", "load_recipe", "mix", "replay_problems"]
__getattr__ = _exported(__name__, {"ingredients": ("Ingredients",), "mixture": ("mix",)})
