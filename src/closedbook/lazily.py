"""Packages whose exports are imported on first use (PEP 562), so that light commands stay light."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def exported(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """A module `__getattr__` for `package`: `homes` maps each exported name to its module there,
    which must be named otherwise, because an imported module becomes an attribute itself."""

    def getter(name: str) -> object:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{homes[name]}"), name)

    return getter
