"""How one student is told to think or not, and how its thinking is written, as its profile says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.models.profiles import Profile, Switch
from closedbook.models.resolving import switched
from closedbook.records import Message


@dataclass(frozen=True, slots=True)
class Voice:
    """What a switch says in the text is put into the turns; what it says in a request's body is
    the chat template's to do, by the row's `thinking`."""

    profile: Profile

    def answer(self, text: str, reasoning: str = "") -> Message:
        """The assistant's turn, with its thinking between the family's marks."""
        if not reasoning:
            return Message("assistant", text)
        opening, closing = self.profile.thinking.tags[0]
        return Message("assistant", f"{opening}\n{reasoning.strip()}\n{closing}\n\n{text}")

    def told(self, turns: Sequence[Message], thinking: bool | None) -> tuple[Message, ...]:
        """The conversation with thinking switched on or off; as it is where the family cannot."""
        return switched(turns, self.profile.thinking.switch(thinking) or Switch())
