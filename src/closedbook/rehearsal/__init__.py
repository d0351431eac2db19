"""The fictional world: documents about things that exist nowhere, and an exam about them.

Because no model can have read it, knowing it closed book is learning by construction. This package
knows no teacher, no student and no stage; it writes plain files.
"""

from closedbook.rehearsal.kinds import Entity
from closedbook.rehearsal.world import World, make_world, world_from, write_world

__all__ = ["Entity", "World", "make_world", "world_from", "write_world"]
