"""What a result can be made from again: config, seeds, versions.

Invariant: no key or password is in what leaves here.
"""

from __future__ import annotations

import platform
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import yaml

PACKAGES = (
    "closedbook",
    "torch",
    "transformers",
    "tokenizers",
    "accelerate",
    "peft",
    "numpy",
    "polars",
    "pydantic",
    "httptools",
    "lancedb",
    "sentence-transformers",
    "kreuzberg",
)
SECRETS = re.compile(r"(?i)(key|token|secret|password|credential)s?$")
LOGIN = re.compile(r"(?<=://)[^/@\s]+@")


@dataclass(frozen=True, slots=True)
class Lineage:
    """`config` is YAML, with all defaults; `seeds` by the path of their key; `versions` by name."""

    config: str
    seeds: Mapping[str, int]
    versions: Mapping[str, str]


def lineage_of(config: Mapping[str, Any]) -> Lineage:
    """The lineage of a resolved config, a mapping of JSON values."""
    shown = yaml.safe_dump(without_secrets(config), sort_keys=False, allow_unicode=True)
    return Lineage(shown, dict(_seeds(config)), dict(_versions()))


def without_secrets(value: Any) -> Any:
    """The value without what opens doors: text under keys named as such, logins in URLs."""
    if isinstance(value, Mapping):
        return {
            key: "(not shown)"
            if isinstance(item, str) and item and SECRETS.search(str(key))
            else without_secrets(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(item) for item in value]
    return LOGIN.sub("", value) if isinstance(value, str) else value


def _seeds(value: Any, path: str = "") -> Iterator[tuple[str, int]]:
    if not isinstance(value, Mapping):
        return
    for key, item in value.items():
        here = f"{path}.{key}" if path else str(key)
        if str(key) == "seed" and isinstance(item, int):
            yield here, item
        else:
            yield from _seeds(item, here)


def _versions() -> Iterator[tuple[str, str]]:
    yield "Python", platform.python_version()
    yield "system", f"{platform.system()} {platform.machine()}"
    for name in PACKAGES:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue
