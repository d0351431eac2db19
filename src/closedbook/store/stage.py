"""Stages as `make` knows targets: done again only if what they depend on changed.

A stage is a name, a version of its meaning, its part of the config, the files it reads and a
function that fills its folder. Its manifest is written last and atomically, so that it exists only
beside complete results. A killed stage leaves a marker with its fingerprint: the next run with the
same fingerprint goes on in the same folder, any other clears it. Nothing here knows what a stage
does.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from closedbook.events import Counts, Emit, StageCurrent, StageFinished, StageStarted
from closedbook.hints import counted
from closedbook.store.digest import digest_path, visible_files
from closedbook.store.rows import read_json, write_json

MANIFEST = "manifest.json"
MARKER = ".in-progress.json"
NAMED = 3
"""Of all that changed, so many are named."""
Make = Callable[[Path, Emit], Counts]
"""Fills a stage's folder, telling its progress; returns what it counted."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One target. `name` is also its folder below `out/` ("curate", "mix/raw"); `settings` is any
    JSON value, or gives one when it is the stage's turn; `inputs` names the files and folders it
    reads; `after` the stages that make them; `beside` the files it leaves outside its folder,
    relative to it; `completed_later` those of its own that another stage completes, so that they
    may change."""

    name: str
    version: int
    settings: Any
    inputs: Mapping[str, Path]
    make: Make
    after: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    completed_later: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a finished stage left: its fingerprint (what it was made from), counts and outputs."""

    fingerprint: dict[str, Any]
    counts: dict[str, int | float]
    seconds: float
    outputs: dict[str, str]

    @property
    def to_retry(self) -> int:
        """Rows that an endpoint gave no answer for; the stage is complete without them."""
        return int(self.counts.get("to_retry", 0))


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a finished stage, or None."""
    stored = read_json(folder / MANIFEST)
    return Manifest(**stored) if stored else None


def why_stale(stage: Stage, folder: Path, *, retry: bool = False) -> str:
    """What makes the stage need doing, in words; "" if it is up to date. With `retry`, what it
    could not do last time does."""
    manifest = read_manifest(folder)
    if manifest is None:
        return "begun, not finished" if (folder / MARKER).exists() else "not done yet"
    old, new = manifest.fingerprint, _fingerprint(stage)
    if old["version"] != new["version"]:
        return f"stage version {old['version']} -> {new['version']}"
    reasons = [
        *_listed("changed setting", _differences(old["settings"], new["settings"])),
        *_listed("changed input", _differences(old["inputs"], new["inputs"])),
        *_listed("edited or missing output", _edited(manifest, folder)),
    ]
    if retry and manifest.to_retry:
        reasons.append(f"{counted(manifest.to_retry, 'row')} to retry")
    return "; ".join(reasons)


def _listed(what: str, names: Iterable[str]) -> Iterator[str]:
    """One reason for all `names`, of which the few shortest are told."""
    told = sorted(names, key=len)
    more = f" and {len(told) - NAMED} more" if len(told) > NAMED else ""
    if told:
        yield f"{what}: {', '.join(told[:NAMED])}{more}"


def bring_up_to_date(stage: Stage, folder: Path, emit: Emit, *, retry: bool = False) -> Manifest:
    """Do the stage if it is stale; returns its manifest either way. What is only asked again for
    what it lacks stays as it was until that has succeeded."""
    why = why_stale(stage, folder, retry=retry)
    manifest = read_manifest(folder)
    if manifest and not why:
        emit(StageCurrent(stage.name, manifest.to_retry))
        return manifest
    emit(StageStarted(stage.name, why))
    again = manifest is not None and not why_stale(stage, folder)
    made_in = folder.with_name(f".{folder.name}-again") if again else folder
    manifest = _made(stage, made_in, emit)
    if again:
        shutil.rmtree(folder)
        made_in.rename(folder)
    emit(StageFinished(stage.name, manifest.seconds, manifest.counts))
    return manifest


def _made(stage: Stage, folder: Path, emit: Emit) -> Manifest:
    fingerprint = _fingerprint(stage)
    _prepare(folder, fingerprint)
    started = time.monotonic()
    counts = dict(stage.make(folder, emit))
    seconds = round(time.monotonic() - started, 3)
    names = {*_own_files(folder), *stage.beside} - set(stage.completed_later)
    outputs = {name: digest_path(folder / name) for name in sorted(names)}
    manifest = Manifest(fingerprint, counts, seconds, outputs)
    write_json(folder / MANIFEST, manifest)
    (folder / MARKER).unlink(missing_ok=True)
    return manifest


def _fingerprint(stage: Stage) -> dict[str, Any]:
    """As it reads back from JSON, so that old and new compare equal."""
    inputs = {name: digest_path(path) for name, path in stage.inputs.items()}
    settings = stage.settings() if callable(stage.settings) else stage.settings
    value = {"version": stage.version, "settings": settings, "inputs": inputs}
    plain: dict[str, Any] = orjson.loads(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))
    return plain


def _prepare(folder: Path, fingerprint: dict[str, Any]) -> None:
    """Keep a killed attempt of the same fingerprint; clear anything else."""
    (folder / MANIFEST).unlink(missing_ok=True)
    if read_json(folder / MARKER) == fingerprint:
        return
    if folder.is_dir():
        for item in folder.iterdir():
            if item.is_file() or item.is_symlink():
                item.unlink()
            elif not _is_stage_folder(item):
                shutil.rmtree(item)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_json(folder / MARKER, fingerprint)


def _is_stage_folder(folder: Path) -> bool:
    return (folder / MANIFEST).exists() or (folder / MARKER).exists()


def _own_files(folder: Path) -> list[str]:
    """Every file of the stage, without those of stages whose folders lie inside its own."""
    nested = {item for item in folder.iterdir() if item.is_dir() and _is_stage_folder(item)}
    return [
        item.relative_to(folder).as_posix()
        for item in visible_files(folder)
        if item.name != MANIFEST and not nested.intersection(item.parents)
    ]


def _edited(manifest: Manifest, folder: Path) -> Iterator[str]:
    for name, digest in manifest.outputs.items():
        if digest_path(folder / name) != digest:
            yield name


def _differences(old: Any, new: Any, path: str = "") -> Iterator[str]:
    """Dotted paths at which two JSON values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key), new.get(key), f"{path}.{key}" if path else key)
    elif old != new:
        yield path or "all"
