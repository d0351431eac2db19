"""The functions that shipped flows call, by name; importing them makes them known."""

from closedbook.flows.library.steps import claims, hygiene, listing, naming, options

__all__ = ["claims", "hygiene", "listing", "naming", "options"]
