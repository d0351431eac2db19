"""The step `call`: a Python function of the user's.

It is called in the event loop: it should be quick, and ask no model.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

from closedbook.engine import Child, Dropped
from closedbook.errors import RecordError, StepError
from closedbook.flows.building import Site
from closedbook.flows.parsing.form import taken
from closedbook.flows.plugins import STEPS
from closedbook.flows.spec import CallSpec
from closedbook.flows.steps.ask import HIDDEN
from closedbook.flows.steps.columns import Columns, RowStep


def build(spec: CallSpec, site: Site) -> RowStep | None:
    """What the function gives for a row; whatever it raises is why there is nothing."""
    for place, column in enumerate(spec.makes):
        site.make(column, "makes", place)
    function = site.function(STEPS, spec.function, "function")
    if function is None:
        return None

    def called(row: Columns) -> Sequence[Child]:
        seen = {name: text for name, text in row.items() if not name.startswith(HIDDEN)}
        try:
            given = function(MappingProxyType(seen))
        except StepError as error:
            return [Dropped(error.message, error.hint)]
        except RecordError:
            raise
        except Exception as error:
            raise StepError(f"{type(error).__name__}: {error}") from error
        if given is None or given == []:
            return [Dropped("the function gave nothing")]
        rows = given if isinstance(given, list | tuple) else [given]
        return [taken(item, spec.makes) for item in rows]

    return RowStep(site.label, called)
