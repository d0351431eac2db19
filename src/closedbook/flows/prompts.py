"""Prompts: Markdown files with front matter and one heading per turn, rendered by sandboxed Jinja.

    ---
    description: what it is for
    ---
    ## system
    ...
    ## user
    ... {{ document }} ...

Knows nothing of replies. An undefined variable is an error with its line, never an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, meta, nodes
from jinja2.sandbox import SandboxedEnvironment

from closedbook.config.yaml_lines import parse_yaml
from closedbook.errors import FlowError, StepError
from closedbook.hints import did_you_mean
from closedbook.records import Message, Role

ENVIRONMENT = SandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)
FRONT_MATTER = re.compile(r"\A---\n(.*?\n)??---\n", re.DOTALL)
HEADING = re.compile(r"^## +(system|user|assistant) *$", re.MULTILINE | re.IGNORECASE)
HEADER_KEYS = {"description"}
KEPT = 1024
"""Templates that are not compiled again when a flow is read again."""
UNUSABLE = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError)
"""What a template or expression can raise on a row it does not fit."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a prompt; `first_line` is where its text begins in the file."""

    role: Role
    template: Template
    source: str
    first_line: int


@dataclass(frozen=True, slots=True)
class Prompt:
    """A conversation with holes."""

    path: Path
    turns: tuple[Turn, ...]

    def render(self, columns: Mapping[str, object]) -> tuple[Message, ...]:
        """Raises StepError if a template cannot be filled with these columns."""
        try:
            return tuple(
                [Message(turn.role, _filled(turn.template, columns)) for turn in self.turns]
            )
        except UNUSABLE as error:
            raise StepError(f"{self.path.name}: {error}") from None

    def problems(self, available: Collection[str], step: str) -> Iterator[FlowError]:
        """One error for each variable that is none of `available` at a step."""
        for turn in self.turns:
            for name, line in undeclared(turn.source):
                if name not in available:
                    yield FlowError(
                        f"nothing named {name!r} exists at the step {step}",
                        file=self.path,
                        line=turn.first_line + line - 1,
                        hint=did_you_mean(name, available, untold="icl_"),
                    )


def load_prompt(path: Path) -> Prompt:
    """Raises FlowError with the line of what is wrong."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise FlowError(f"cannot be read: {error}", file=path) from None
    text = text.removeprefix("\ufeff")
    header = FRONT_MATTER.match(text)
    if header:
        _check_header(header[1] or "", path)
    headings = list(HEADING.finditer(text, header.end() if header else 0))
    stray = text[header.end() if header else 0 : headings[0].start() if headings else None].strip()
    if not any(heading[1].lower() == "user" for heading in headings) or stray:
        problem = "text before the first heading" if stray and headings else "no heading ## user"
        hint = "a prompt is front matter, then ## system (optional) and ## user"
        raise FlowError(problem, file=path, line=1, hint=hint)
    ends = [heading.start() for heading in headings[1:]] + [len(text)]
    return Prompt(
        path,
        tuple(_turn(path, text, heading, end) for heading, end in zip(headings, ends, strict=True)),
    )


def _filled(template: Template, columns: Mapping[str, object]) -> str:
    """What `template.render` gives, without its two copies of all columns."""
    context = template.new_context({**template.globals, **columns}, shared=True)
    return "".join(template.root_render_func(context)).strip()


@lru_cache(KEPT)
def compiled(source: str) -> Template:
    """Raises TemplateSyntaxError."""
    return ENVIRONMENT.from_string(source)


@lru_cache(KEPT)
def undeclared(source: str) -> tuple[tuple[str, int], ...]:
    """(variable, line) of every variable a template takes from outside, at its first use; those it
    asks about (`scope is defined`) may be missing."""
    tree = ENVIRONMENT.parse(source)
    asked = [test.node for test in tree.find_all(nodes.Test) if test.name == "defined"]
    optional = {node.name for node in asked if isinstance(node, nodes.Name)}
    names = meta.find_undeclared_variables(tree) - optional
    first: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        if node.name in names:
            first.setdefault(node.name, node.lineno)
    return tuple(sorted(first.items(), key=lambda item: item[1]))


def _turn(path: Path, text: str, heading: re.Match[str], end: int) -> Turn:
    body = text[heading.end() : end]
    source = body.strip()
    if not source:
        line = text.count("\n", 0, heading.start()) + 1
        raise FlowError("nothing below this heading", file=path, line=line)
    start = heading.end() + body.index(source)
    first_line = text.count("\n", 0, start) + 1
    try:
        template = compiled(source)
    except TemplateSyntaxError as error:
        raise FlowError(
            f"template: {error.message}", file=path, line=first_line + error.lineno - 1
        ) from None
    # Looked through for every rendering: six times as fast as the ChainMap that it is.
    template.globals = dict(template.globals)
    return Turn(cast("Role", heading[1].lower()), template, source, first_line)


def _check_header(header: str, path: Path) -> None:
    data: Any
    data, line_of = parse_yaml(header, path, FlowError, first_line=2)
    if not isinstance(data, dict | None):
        raise FlowError("the front matter must be keys and values", file=path, line=2)
    for key in data or {}:
        if key not in HEADER_KEYS:
            hint = did_you_mean(str(key), HEADER_KEYS)
            raise FlowError(f"unknown key {key!r}", file=path, line=line_of((key,)), hint=hint)
