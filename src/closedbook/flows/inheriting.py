"""`extends`: another flow's steps, changed, left out and added to.

Works on files as they were written, before their shape is checked; what is not as it should be is
left for that check, where it can be.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from closedbook.errors import FlowError
from closedbook.flows.spec import KINDS
from closedbook.flows.written import Node, merged
from closedbook.hints import did_you_mean

NOT_INHERITED = ("extends", "change", "without", "steps")


def named_steps(node: Node, problems: list[FlowError], taken: Collection[str] = ()) -> Node:
    """The flow with a name for every step: its own, else its prompt's or its kind's, with a number
    where that is taken."""
    steps = node.entries.get("steps")
    if steps is None or not isinstance(steps.value, list):
        return node
    names = list(taken)
    given: list[Node] = []
    for step in steps.items:
        own = step.entries.get("name")
        if own is not None and own.value in names:
            problems.append(own.error(f"two steps are named {own.value!r}"))
        name = own or Node(_free_name(_default_name(step), names), step.file, step.line)
        names.append(name.value)
        is_step = isinstance(step.value, dict)
        given.append(step.with_entries({**step.entries, "name": name}) if is_step else step)
    return node.with_entries({**node.entries, "steps": Node(given, steps.file, steps.line)})


def _default_name(step: Node) -> str:
    kind = next((kind for kind in KINDS if kind in step.entries), "step")
    prompt = step.entries[kind].entries.get("prompt") if kind == "ask" else None
    return prompt.value if prompt and isinstance(prompt.value, str) else kind


def _free_name(name: str, taken: Collection[str]) -> str:
    number = 1
    free = name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


@dataclass(frozen=True, slots=True)
class Inheritance:
    """A flow file (`own`) and the resolved flow it extends; problems are added to the list."""

    own: Node
    base: Node
    problems: list[FlowError]

    def resolved(self) -> Node:
        """One flow, as if it had been written in one file."""
        inherited = self._changed({_name(step): step for step in self._base_steps()})
        own = named_steps(self.own, self.problems, taken=list(inherited))
        steps = own.entries.get("steps")
        if steps is not None and not isinstance(steps.value, list):
            return own
        kept = {name: step for name, step in inherited.items() if name not in self._left_out()}
        arranged = list(self._arranged(kept, steps.items if steps else []))
        top = {k: node for k, node in self.base.entries.items() if k not in NOT_INHERITED}
        place = steps or own
        return own.with_entries(
            {**top, **own.entries, "steps": Node(arranged, place.file, place.line)}
        )

    def _base_steps(self) -> list[Node]:
        steps = self.base.entries.get("steps")
        return [step for step in steps.items if "name" in step.entries] if steps else []

    def _left_out(self) -> list[str]:
        without = self.own.entries.get("without")
        return [str(item.value) for item in without.items] if without else []

    def _changed(self, steps: dict[str, Node]) -> dict[str, Node]:
        without, change = (self.own.entries.get(key) for key in ("without", "change"))
        for item in without.items if without else []:
            self._known(str(item.value), item, steps)
        for name, changes in change.entries.items() if change else ():
            if not self._known(name, changes, steps):
                continue
            kind = next((kind for kind in KINDS if kind in steps[name].entries), None)
            if kind:
                content = merged(steps[name].entries[kind], changes)
                steps[name] = steps[name].with_entries({**steps[name].entries, kind: content})
        return steps

    def _arranged(self, inherited: dict[str, Node], own: list[Node]) -> Iterator[Node]:
        """Own steps before those they name, the rest at the end."""
        earlier: dict[str, list[Node]] = {}
        for step in own:
            before = step.entries.get("before")
            if before is not None and self._known(str(before.value), before, inherited):
                earlier.setdefault(str(before.value), []).append(step)
        for name, step in inherited.items():
            yield from earlier.get(name, [])
            yield step
        yield from (step for step in own if "before" not in step.entries)

    def _known(self, name: str, node: Node, steps: dict[str, Node]) -> bool:
        if name not in steps:
            self.problems.append(
                node.error(f"no inherited step {name!r}", did_you_mean(name, list(steps)))
            )
        return name in steps


def _name(step: Node) -> str:
    return str(step.entries["name"].value)
