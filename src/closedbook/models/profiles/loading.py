"""From a name, or from a model's name, to its profile.

A name is looked up in the project's `profiles/`, then among the shipped ones, then among installed
packages (entry points of the group `closedbook.profiles`: a path to a file, or a function that
gives one). Mistakes are ConfigErrors with file and line.
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from closedbook.config.strict_file import read_strictly
from closedbook.errors import ConfigError, UserError
from closedbook.hints import did_you_mean
from closedbook.models.profiles.profile import Profile
from closedbook.registry import announced

SHIPPED = Path(__file__).parent
FOLDER = "profiles"
PLAIN = "plain"
GROUP = "closedbook.profiles"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A profile, and why it is this one, in a few words."""

    profile: Profile
    why: str


def load_profile(name: str, project: Path) -> Profile:
    """The profile of a name. Raises UserError if there is none, ConfigError if it is wrong."""
    files = profile_files(project)
    if name not in files:
        raise UserError(f"no profile {name!r}", hint=did_you_mean(name, files))
    return read_profile(files[name])


def choose_profile(name: str | None, model: str, project: Path) -> Chosen:
    """The profile of a name, or else the one with the longest pattern that matches the model's
    name, the project's own before others; or `plain`. Raises as `load_profile`."""
    if name is not None:
        return Chosen(load_profile(name, project), "named in the config")
    files = profile_files(project)
    best = Chosen(read_profile(files[PLAIN]), f"none matches the name {model!r}")
    rank = (False, 0)
    for file in files.values():
        profile = read_profile(file)
        for pattern in profile.matches:
            if fnmatch.fnmatchcase(model.lower(), pattern.lower()):
                found = (file.parent == project / FOLDER, len(pattern))
                if found > rank:
                    best, rank = Chosen(profile, f"its name matches {pattern}"), found
    return best


def training_template(profile: Profile, project: Path) -> str:
    """The text of the profile's training template, "" if it has none. Raises ConfigError where it
    names a file that is not there."""
    named = profile.training_template
    if not named or "{" in named or "\n" in named:
        return named or ""
    home = profile_files(project)[profile.profile]
    try:
        return (home.parent / named).read_text(encoding="utf-8")
    except OSError:
        raise ConfigError(
            f"no such training template: {home.parent / named}",
            file=home,
            hint="give a file beside the profile, or the template itself",
        ) from None


def profile_files(project: Path) -> dict[str, Path]:
    """Every profile's file by name."""
    files = {}
    for point in announced(GROUP):
        given = point.load()
        files[point.name] = Path(given() if callable(given) else given)
    for folder in (SHIPPED, project / FOLDER):
        files.update({file.stem: file for file in sorted(folder.glob("*.yaml"))})
    return files


def read_profile(file: Path) -> Profile:
    """Raises the first ConfigError."""
    return _shipped(file) if file.parent == SHIPPED else _read(file)


@cache
def _shipped(file: Path) -> Profile:
    return _read(file)


def _read(file: Path) -> Profile:
    profile, line_of = read_strictly(file, Profile, "a profile")
    if profile.profile != file.stem:
        message = f"the profile is named {profile.profile!r}, but its file {file.stem!r}"
        raise ConfigError(message, file=file, line=line_of(("profile",)), hint="make them equal")
    return profile
