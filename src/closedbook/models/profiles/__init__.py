"""What is known of a family of models: how its thinking is switched on and off and where it comes
back, how its makers sample it, how much it can read.

One YAML file per family beside this one; a project adds its own in `profiles/`, a package by an
entry point. Knows nothing of requests on their way; `models.resolving` applies a profile.
"""

from closedbook.models.profiles.loading import (
    Chosen,
    choose_profile,
    load_profile,
    training_template,
)
from closedbook.models.profiles.profile import Profile, Recommended, Switch, Thinking

__all__ = [
    "Chosen",
    "Profile",
    "Recommended",
    "Switch",
    "Thinking",
    "choose_profile",
    "load_profile",
    "training_template",
]
