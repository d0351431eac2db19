"""A student: a causal language model with its tokenizer, from a folder or the Hub.

The rehearsal student is a folder like any other, shipped with the package. Invariant: weights are
float32, whatever they were stored in, because training keeps float32 masters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from closedbook.errors import InputError
from closedbook.students.rendering import ChatTemplate
from closedbook.students.source import StudentSource, require_training_extra

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


@dataclass(frozen=True, slots=True)
class Student:
    """A model in evaluation mode and the tokenizer it was trained with; `stored_as` is the type its
    weights have on disk, where it came from there."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    stored_as: torch.dtype | None = None


def load_student(source: StudentSource) -> Student:
    """The model and tokenizer of a source.

    Raises MissingExtra without torch or transformers, InputError if there is no such student or
    it has no chat template.
    """
    require_training_extra()
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    tokenizer = load_tokenizer(source)
    with _as_input_error(source):
        stored = AutoConfig.from_pretrained(source.where, revision=source.revision).dtype
        loaded: Any = AutoModelForCausalLM.from_pretrained(
            source.where, revision=source.revision, dtype=torch.float32, output_loading_info=True
        )
        model, found = loaded
        if missing := sorted(found["missing_keys"]):
            # They would be drawn at random, and training would begin from noise.
            raise ValueError(f"its weights lack {missing[0]} and {len(missing) - 1} more")
    return Student(model.train(False), tokenizer, stored)


def load_tokenizer(source: StudentSource) -> PreTrainedTokenizerBase:
    """The tokenizer alone; raises as `load_student` does."""
    require_training_extra()
    from transformers import AutoTokenizer

    with _as_input_error(source):
        tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(
            source.where, revision=source.revision
        )
    if source.template:
        tokenizer.chat_template = source.template
    if not tokenizer.chat_template:
        raise InputError(
            f"the student {source.where!r} has no chat template",
            hint="use its instruction-tuned version",
        )
    try:
        ChatTemplate(tokenizer)
    except TemplateError as error:
        raise InputError(
            f"the chat template of the student {source.where!r} cannot be read: {error}",
            hint="mend its chat_template.jinja",
        ) from error
    if tokenizer.eos_token_id is None:
        raise InputError(
            f"the tokenizer of the student {source.where!r} has no end-of-text token: the student "
            "could not learn where to stop",
            hint="set eos_token in its tokenizer_config.json",
        )
    if not tokenizer.is_fast:
        raise InputError(
            f"the tokenizer of the student {source.where!r} cannot say where its tokens stand",
            hint="save it as tokenizer.json",
        )
    return tokenizer


@contextmanager
def _as_input_error(source: StudentSource) -> Iterator[None]:
    from safetensors import SafetensorError

    folder = Path(source.where)
    try:
        if folder.is_dir() and not (folder / "config.json").exists():
            raise ValueError("the folder has no config.json")
        yield
    except (OSError, ValueError, SafetensorError) as error:
        first_line = str(error).strip().split("\n", 1)[0]
        raise InputError(
            f"there is no student at {source.where!r}: {first_line}",
            hint="give a Hugging Face folder or a name on the Hub",
        ) from error
