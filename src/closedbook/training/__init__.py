"""Training a student on a mixture: encoded rows in, a Hugging Face folder out.

Knows rows and students, not where rows come from or how the result is examined.
"""

from typing import TYPE_CHECKING

from closedbook.lazily import exported as _exported
from closedbook.training.model_card import fill_scores

if TYPE_CHECKING:
    from closedbook.training.instructlab import train_with_instructlab
    from closedbook.training.trainer import train

__all__ = ["fill_scores", "train", "train_with_instructlab"]
__getattr__ = _exported(
    __name__, {"trainer": ("train",), "instructlab": ("train_with_instructlab",)}
)
