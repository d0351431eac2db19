"""The file of in-context examples (icl.yaml): its shape, reading it, writing it the first time.

Every example is a passage and three questions with answers, one of each kind. A mistake is told
with file and line.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import AfterValidator, BeforeValidator

from closedbook.config.section import Settings
from closedbook.config.strict_file import read_strictly
from closedbook.config.yaml_lines import FLOAT, FLOAT_BEGINS
from closedbook.store import write_atomically

Kind = Literal["fact", "theme", "reasoning"]
KINDS: tuple[Kind, ...] = ("fact", "theme", "reasoning")
FOLDED = 60
"""Characters from which a text gets lines of its own."""
HEADER = """\
# In-context examples for prompts that show one (knowledge-qa, reasoning-qa, your own). They are
# yours: read them, mend them, add others; closedbook never writes this file again. Each has
#   domain     the field it suits; left out: any
#   source     the document it was taken from, which is never shown its own example
#   document   a passage
#   fact, theme, reasoning    a question about one detail, about the whole, over several parts,
#                             each with a long and exact answer
# What was made here is what a model wrote. Check it: closedbook check

"""


def _has_words(text: str) -> str:
    if not text.strip():
        raise ValueError("there is no text")
    return text.strip()


def _year(value: object) -> object:
    """A number without quotes, as people write it."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _some(examples: tuple[Example, ...]) -> tuple[Example, ...]:
    if not examples:
        raise ValueError("there is none; without examples, remove the file")
    return examples


Text = Annotated[str, BeforeValidator(_year), AfterValidator(_has_words)]


class Asked(Settings):
    """A question with its answer."""

    question: Text
    answer: Text


class Example(Settings):
    """A passage with a question of each kind."""

    domain: str = ""
    source: str = ""
    document: Text
    fact: Asked
    theme: Asked
    reasoning: Asked

    @property
    def columns(self) -> dict[str, str]:
        """As prompts know them."""
        pairs = enumerate((getattr(self, kind) for kind in KINDS), 1)
        return {
            "icl_document": self.document,
            **{
                f"icl_{part}_{number}": getattr(pair, part)
                for number, pair in pairs
                for part in ("question", "answer")
            },
        }


class Examples(Settings):
    """The whole file."""

    examples: Annotated[tuple[Example, ...], AfterValidator(_some)]


def load_examples(file: Path) -> tuple[Example, ...]:
    """Raises ConfigError with file and line of the first mistake."""
    found, _ = read_strictly(file, Examples, "a file of examples")
    return found.examples


def write_examples(file: Path, examples: Sequence[Example]) -> None:
    """The file, in a form that is pleasant to edit."""
    plain = [example.model_dump(exclude_defaults=True) for example in examples]
    text = yaml.dump(
        {"examples": plain}, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=96
    )
    write_atomically(file, (HEADER + text).encode())


class _Dumper(yaml.SafeDumper):
    """Long texts in lines of their own."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ARG002
        return super().increase_indent(flow, False)


def _text_node(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else ">" if len(text) > FOLDED else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)
# So that a text which reads as a number is quoted.
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", FLOAT, FLOAT_BEGINS)
