"""Packages whose exports are imported on first use (PEP 562), so that light commands stay light."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def exported(package: str, homes: Mapping[str, Sequence[str]]) -> Callable[[str], object]:
    """A module `__getattr__` for `package`: `homes` has its modules, each with the names exported
    from it. A module must be named otherwise, for an imported one becomes an attribute itself."""
    module_of = {name: module for module, names in homes.items() for name in names}

    def getter(name: str) -> object:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{module_of[name]}"), name)

    return getter
