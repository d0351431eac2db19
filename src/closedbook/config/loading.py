"""closedbook.yaml -> Config, with every problem named by file, line, and what to do.

What an arm leaves out is filled in from the project's `mix` and `train` before validation, so a
loaded Config holds the resolved settings of every arm.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import orjson
import yaml
from pydantic import ValidationError

from closedbook.config.examination import ImportedAnswers
from closedbook.config.explaining import explained
from closedbook.config.settings import Config
from closedbook.config.students import DEFAULTS_FOR_STUDENT, HuggingFaceStudent
from closedbook.config.yaml_lines import KeyPath, Loader, holds, load_yaml
from closedbook.errors import ConfigError
from closedbook.hints import path_shown

FILE_NAME = "closedbook.yaml"
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?", re.ASCII)
"""A name on the Hub, which may be a folder's too."""
ROUNDS = 3
"""So often what is wrong is left out: without it something else may be."""
KINDS = {
    "documents": ("folder", "give the folder of your documents, relative to closedbook.yaml"),
    "student": ("folder", "give a Hugging Face folder, relative to closedbook.yaml, or a Hub name"),
    "file": ("file", "paths are relative to the folder of closedbook.yaml"),
}
"""What a path names, and what to do where that is not there."""
UNIONS = (
    ("teacher",),
    ("student",),
    ("models", "*"),
    ("exam",),
    ("exams", "*"),
    ("evaluate", "models", "*"),
    ("evaluate", "retrieval", "embedding"),
)
"""Where pydantic puts the name of a union's member into its paths."""


class Places:
    """Where each key was written: a line of the file, or a `--set` of the command line."""

    def __init__(self, file: Path, line_of: Callable[[KeyPath], int]) -> None:
        self._file = file
        self._line_of = line_of
        self._overrides: dict[KeyPath, str] = {}

    def set_by(self, path: KeyPath, override: str) -> None:
        self._overrides[path] = override

    def error(self, path: KeyPath, message: str, hint: str = "") -> ConfigError:
        for length in range(len(path), 0, -1):
            if override := self._overrides.get(path[:length]):
                shown = override.partition("=")[0] if path[-1] == "api_key" else override
                return ConfigError(message, file=f"--set {shown}", hint=hint)
        return ConfigError(message, file=self._file, line=self._line_of(path), hint=hint)


def load_config(file: Path, overrides: Sequence[str] = ()) -> Config:
    """Read and validate `file`; each override is `path.to.key=value` with the value in YAML.

    Raises ConfigError for the first problem.
    """
    config, problems = examine_config(file, overrides)
    if problems or config is None:
        raise problems[0]
    return config


def examine_config(
    file: Path, overrides: Sequence[str] = ()
) -> tuple[Config | None, list[ConfigError]]:
    """The config and every problem found, in the order of the file. What is wrong is left out of
    the config, so that the rest can be looked at; it is None where too little is left."""
    try:
        written, places = _read(file, overrides)
    except ConfigError as error:
        return None, [error]
    problems: list[ConfigError] = []
    data = _expand(written, (), places, problems)
    config, wrong = _validated(data)
    if wrong:
        problems += _problems(wrong, written, places)
    if config:
        problems += _named(config, written, file.parent, places)
    return config, problems


def _read(file: Path, overrides: Sequence[str]) -> tuple[dict[str, Any], Places]:
    if not file.is_file():
        hint = f"make one with: closedbook init {file.parent} --from DOCUMENTS"
        raise ConfigError("no such file", file=file, hint=hint)
    data, line_of = load_yaml(file)
    places = Places(file, line_of)
    if not isinstance(data, dict):
        raise places.error((), "the file must hold keys and values", hint="see: closedbook init")
    data = _with_text_keys(data)
    for override in overrides:
        _apply(data, override, places)
    return data, places


def _with_text_keys(value: Any) -> Any:
    """YAML reads a key `on` or `1` as something else than the text that was written."""
    if isinstance(value, dict):
        return {str(key): _with_text_keys(item) for key, item in value.items()}
    return [_with_text_keys(item) for item in value] if isinstance(value, list) else value


def _apply(data: dict[str, Any], override: str, places: Places) -> None:
    name, equals, value = override.partition("=")
    path = tuple(name.strip().split("."))
    usage = "write --set path.to.key=value"
    if not equals or not all(path):
        raise ConfigError("no key=value", file=f"--set {override}", hint=usage)
    section: Any = data
    for depth, key in enumerate(path[:-1], start=1):
        if section.get(key) is None:
            section[key] = {}
            places.set_by(path[:depth], override)
        section = section[key]
        if not isinstance(section, dict):
            raise ConfigError(f"{key!r} is not a section", file=f"--set {override}", hint=usage)
    try:
        section[path[-1]] = yaml.load(value, Loader)  # noqa: S506 - a safe loader
    except yaml.YAMLError:
        raise ConfigError("the value is not YAML", file=f"--set {override}", hint=usage) from None
    places.set_by(path, override)


def _expand(value: Any, path: KeyPath, places: Places, problems: list[ConfigError]) -> Any:
    """`${NAME}` in any text becomes the environment variable NAME."""
    if isinstance(value, dict):
        return {k: _expand(item, (*path, k), places, problems) for k, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, (*path, i), places, problems) for i, item in enumerate(value)]
    if not isinstance(value, str):
        return value

    def environment(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            message = f"the environment variable {match[1]} is not set"
            hint = f"export {match[1]}=... and run again"
            problems.append(places.error(path, message, hint))
        return os.environ.get(match[1], match[0])

    return VARIABLE.sub(environment, value)


def _resolved(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data with the student's defaults in `mix` and `train`, and arms completed from both."""
    resolved = {key: value for key, value in data.items() if value is not None or key == "exam"}
    student = data.get("student")
    kind = student.get("kind") if isinstance(student, dict) else None
    for section in ("mix", "train"):
        own = data.get(section) or {}
        if isinstance(own, dict):
            defaults = DEFAULTS_FOR_STUDENT.get(str(kind), {}).get(section, {})
            resolved[section] = {**defaults, **own}
    arms = data.get("arms") or {"customised": {}}
    if isinstance(arms, dict):
        shared = {section: resolved[section] for section in ("mix", "train")}
        resolved["arms"] = {name: _completed(arm, shared) for name, arm in arms.items()}
    return resolved


def _completed(arm: Any, shared: Mapping[str, Any]) -> Any:
    own = {} if arm is None else arm
    if not isinstance(own, dict):
        return own
    complete = dict(own)
    for section, defaults in shared.items():
        mine = own.get(section) or {}
        if isinstance(mine, dict) and isinstance(defaults, dict):
            complete[section] = {**defaults, **mine}
    return complete


def _validated(data: dict[str, Any]) -> tuple[Config | None, ValidationError | None]:
    """What the data says, and what is wrong with it: then as if that had not been written."""
    wrong = None
    for _ in range(ROUNDS):
        try:
            content = orjson.dumps(_resolved(data), option=orjson.OPT_NON_STR_KEYS)
            return Config.model_validate_json(content), wrong
        except ValidationError as error:
            wrong = wrong or error
            data = _without(error, data)
    return None, wrong


def _without(error: ValidationError, data: Any) -> Any:
    """The data without what is wrong; a stand-in where there must be a model."""
    left = deepcopy(data)
    for problem in error.errors(include_url=False):
        path = _as_written(problem["loc"], data)
        missing = problem["type"] == "missing"
        if not holds(data, path[: len(path) - missing]):
            continue  # an arm inherits it
        path = path[:-1] or path if missing else path
        path = next((path[:n] for n, part in enumerate(path) if isinstance(part, int)), path)
        if path in (("teacher",), ("student",)) or path[:-1] == ("models",):
            reduce(getitem, path[:-1], left)[path[-1]] = {"kind": "rehearsal"}
        elif holds(left, path):
            del reduce(getitem, path[:-1], left)[path[-1]]
    return left


def _problems(error: ValidationError, data: Any, places: Places) -> list[ConfigError]:
    """Each problem where and as it was written, before variables were put in; what an arm merely
    inherits, or no member of a union takes, is told once."""
    found: dict[KeyPath, ConfigError] = {}
    for problem in error.errors(include_url=False):
        path = _as_written(problem["loc"], data)
        if path in found or not holds(data, path[: len(path) - (problem["type"] == "missing")]):
            continue
        if problem["loc"][-1:] != ("[key]",) and holds(data, path):
            problem["input"] = reduce(getitem, path, data)
        at = (*path, "kind") if problem["type"] == "union_tag_invalid" else path
        found[path] = places.error(at, *explained(problem, path, Config))
    return [found[path] for path in sorted(found, key=lambda path: _position(path, data))]


def _as_written(location: KeyPath, data: Any) -> KeyPath:
    """A pydantic path without the parts that name a union's member or mark a key."""
    path = location[:-1] if location[-1:] == ("[key]",) else location
    member = next((len(union) for union in UNIONS if _is_at(path, union)), len(path))
    path = path[:member] + path[member + 1 :]
    for depth, part in enumerate(path):
        parent = reduce(getitem, path[:depth], data) if holds(data, path[:depth]) else None
        if parent is not None and not isinstance(parent, list if isinstance(part, int) else dict):
            return path[:depth]  # a member of a union again: texts and lists hold no keys
    return path


def _is_at(path: KeyPath, pattern: Sequence[str]) -> bool:
    """Whether a path begins as a pattern says, whose "*" is any key."""
    return len(path) > len(pattern) and all(
        wanted in ("*", part) for part, wanted in zip(path, pattern, strict=False)
    )


def _position(path: KeyPath, data: Any) -> tuple[int, ...]:
    position = []
    for part in path:
        keys = list(data) if isinstance(data, dict) else []
        position.append(keys.index(part) if part in keys else len(keys))
        data = data.get(part) if isinstance(data, dict) else None
    return tuple(position)


def _named(config: Config, data: Any, root: Path, places: Places) -> Iterator[ConfigError]:
    """A judge must be one of the models; files and folders must be there, and none of them what a
    run itself writes. What is told is `data`, which is as it was written."""
    judge, roles = config.evaluate.judge, ("teacher", *config.models)
    if judge not in (None, *roles):
        message = f"evaluate.judge: no model {data['evaluate']['judge']!r}"
        yield places.error(("evaluate", "judge"), message, f"one of {', '.join(roles)}")
    made = (root / "out").resolve()
    for path, value, kind in dict.fromkeys(_paths(config, data)):
        if VARIABLE.search(value):
            continue  # one that is not set, as was told
        place, told = (root / value).resolve(), reduce(getitem, path, data)
        shown, is_made = path_shown(root / str(told)), place.is_relative_to(made)
        what, hint = KINDS[kind]
        if value == "builtin":
            hint = "set mix.replay to a JSONL file of chat messages, or to none"
            yield places.error(path, "the built-in replay belongs to the rehearsal student", hint)
        elif not (place.is_dir() if what == "folder" else place.is_file()):
            if kind == "student" and is_made:
                continue  # by a training of this project, perhaps yet to come
            yield places.error(path, f"no such {what}: {shown}", hint)
        elif kind == "file" and is_made:
            hint = "a run clears what is there; copy the file out of it"
            yield places.error(path, f"{shown} is below out/", hint)
        elif kind == "documents" and root.resolve().is_relative_to(place):
            hint = "its own results would become documents; keep the two apart"
            yield places.error(path, f"the project lies inside {shown}", hint)


def _paths(config: Config, data: Any) -> Iterator[tuple[KeyPath, str, str]]:
    """The key, the value and the kind of each path that can only be one."""
    yield ("documents",), config.documents, "documents"
    models: dict[KeyPath, object] = {("student",): config.student}
    models |= {("evaluate", "models", k): model for k, model in config.evaluate.models.items()}
    for key, model in models.items():
        if isinstance(model, HuggingFaceStudent) and not HUB_NAME.fullmatch(model.model):
            yield (*key, "model"), model.model, "student"
        elif isinstance(model, ImportedAnswers):
            yield (*key, "file"), model.file, "file"
    for name, exam in config.every_exam.items():
        at: KeyPath = ("exam",) if name == "exam" else ("exams", name)
        at = at if isinstance(reduce(getitem, at, data), str) else (*at, "path")
        if isinstance(exam.path, str):
            yield at, exam.path, "file"
        else:
            yield from (((*at, n), path, "file") for n, path in enumerate(exam.path))
    for name, arm in config.arms.items():
        own: KeyPath = ("arms", name, "mix", "replay")
        built_in = ("none", "builtin" if config.student.kind == "rehearsal" else "none")
        if arm.mix.replay not in built_in and not arm.mix.replay.startswith("hf:"):
            yield (own if holds(data, own) else own[2:]), arm.mix.replay, "file"
