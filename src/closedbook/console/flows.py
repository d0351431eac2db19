"""Flows on a terminal: a list, one with its steps, and what its steps did in a try."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from rich.console import Console

from closedbook.config import Config
from closedbook.console.laid_out import print_table, say, table_of
from closedbook.engine import Dropped
from closedbook.flows.loading import Flow, Part
from closedbook.flows.sampling import Setting, resolved_sampling
from closedbook.flows.trying import Asked, StepSeen
from closedbook.hints import command


def show_flow_list(console: Console, flows: Mapping[str, Flow | None], used: Iterable[str]) -> None:
    """One line per flow; those that cannot be read say how to find out why."""
    table = table_of("flow", "makes", "per document", "")
    table.add_column("for", min_width=len(command("flow check NAME")))
    for name, flow in flows.items():
        if flow is None:
            table.add_row(name, "", "", "broken", command(f"flow check {name}"))
            continue
        mark = "used" if name in used else ""
        table.add_row(name, flow.makes, _expected(flow), mark, flow.spec.description)
    print_table(console, table)


def show_flow(console: Console, flow: Flow, config: Config | None, project: Path) -> None:
    """The steps in order: what each makes, of which prompt, and how it samples."""
    lines = [f"{flow.name}: makes {flow.makes}", flow.spec.description]
    lines += [f"about {_expected(flow)} per document"] if flow.spec.expects else []
    lines += [f"extends {flow.spec.extends}"] if flow.spec.extends else []
    lines += [f"file {file}" for file in flow.files]
    for number, part in enumerate(flow.parts, 1):
        lines += ["", f"{number}. {part.name} ({part.spec.kind})"]
        lines += [f"   {line}" for line in _described(part, config, project)]
    say(console, *lines)


def show_try(console: Console, seen: Iterable[StepSeen]) -> None:
    """Per step and row: the prompt, the answer, the rows read from it, the rejections."""
    document = None
    for item in seen:
        if item.document != document:
            document = item.document
            say(console, "", f"===== {document} =====")
        say(console, "", f"--- {item.step}", *_happened(item))


def _described(part: Part, config: Config | None, project: Path) -> Iterator[str]:
    if part.prompt:
        yield f"prompt {part.prompt}"
    if ask := part.spec.ask:
        if ask.continues:
            yield f"continues the conversation of {ask.continues}"
        if ask.samples > 1:
            yield f"{ask.samples} samples"
        if ask.model != "teacher":
            yield f"model {ask.model}"
        yield " · ".join(_by_source(resolved_sampling(ask, config, project)))
    else:
        yield _plain(part.spec.content)
    if part.makes:
        yield f"makes {', '.join(part.makes)}"


def _plain(content: object) -> str:
    """A step's keys on one line."""
    if hasattr(content, "model_dump"):
        content = content.model_dump(exclude_defaults=True)
    if isinstance(content, Mapping):
        return ", ".join(f"{name}: {_plain(value)}" for name, value in content.items())
    return ", ".join(map(str, content)) if isinstance(content, tuple) else str(content)


def _by_source(settings: Iterable[Setting]) -> Iterator[str]:
    """Settings that the same one decides stand together."""
    told: dict[str, list[str]] = {}
    for setting in settings:
        value = "" if setting.value is None else f" {str(setting.value).lower()}"
        told.setdefault(setting.source, []).append(f"{setting.name}{value}")
    return (f"{', '.join(names)}: {source}" for source, names in told.items())


def _happened(item: StepSeen) -> Iterator[str]:
    for asked in item.asked:
        yield from _conversation(asked)
    if item.problem:
        yield f"problem: {item.problem}"
    for child in item.made:
        if isinstance(child, Dropped):
            yield f"rejected: {child.reason}{f' ({child.detail})' if child.detail else ''}"
        else:
            yield "row:" if child else "kept"
            yield from (f"  {name}: {text}" for name, text in child.items())


def _conversation(asked: Asked) -> Iterator[str]:
    for message in asked.request.messages:
        yield f"[{message.role}]\n{message.content}\n"
    if asked.answer.reasoning:
        yield f"[reasoning]\n{asked.answer.reasoning}\n"
    yield f"[answer, finished by {asked.answer.finish_reason}]\n{asked.answer.text}\n"


def _expected(flow: Flow) -> str:
    expects = flow.spec.expects
    return f"{expects.asks:g} asks, {expects.rows:g} rows" if expects else ""
