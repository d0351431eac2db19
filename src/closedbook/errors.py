"""Every error closedbook raises on purpose.

    ClosedbookError                    .hint says what to do
    ├── UserError                      exit 2, one line, no traceback
    │   ├── ConfigError                closedbook.yaml (or --set): file:line, problem, hint
    │   ├── FlowError                  a flow or prompt file: file:line, problem, hint
    │   ├── InputError                 documents, exams, replay: nothing usable in them
    │   ├── MissingExtra               an optional dependency: the exact pip line
    │   └── ProjectBusy                another run holds the project's lock
    ├── RecordError                    becomes a Rejection row; never stops a run
    │   ├── ProviderError              the endpoint's fault; .retryable, .retry_after (seconds)
    │   ├── ParseError                 a reply without the form asked for; .raw is kept
    │   └── StepError                  a step could not use its row
    └── RunError                       exit 1; stops the run, what is done stays done
        ├── JournalError               an answer could not be stored
        ├── AuthError                  the endpoint refuses the key
        ├── BudgetExhausted            exit 3; a cap of `budget:` is reached
        ├── TrainingError
        └── EvaluationError

An error is classified once, at the edge where it arises.
"""

from __future__ import annotations

from pathlib import Path

from closedbook.hints import path_shown


class ClosedbookError(Exception):
    """An error with a message for a person and, where there is one, a hint on what to do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class UserError(ClosedbookError):
    """Something the user wrote or gave must change."""


class ConfigError(UserError):
    """A problem in a configuration file; printed as `file:line: problem (hint)`."""

    def __init__(
        self, message: str, *, file: Path | str, line: int | None = None, hint: str = ""
    ) -> None:
        shown = path_shown(file) if isinstance(file, Path) else file
        place = f"{shown}:{line}" if line else shown
        super().__init__(f"{place}: {message}", hint=hint)
        self.file = file
        self.line = line


class FlowError(ConfigError):
    """A problem in a flow or prompt file."""


class InputError(UserError):
    """The documents, the exam or the replay hold nothing usable."""


class MissingExtra(UserError):
    """An optional dependency is not installed."""

    def __init__(self, extra: str, module: str) -> None:
        super().__init__(
            f"this needs the package {module!r}, which is not installed",
            hint=f"pip install 'closedbook[{extra}]'",
        )


class ProjectBusy(UserError):
    """Another process is running this project."""


class RecordError(ClosedbookError):
    """One row failed: data, not an exception of the run."""


class ProviderError(RecordError):
    """The endpoint failed or refused; `retry_after` is in seconds where it said so."""

    def __init__(
        self, message: str, *, retryable: bool, retry_after: float | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.retryable = retryable
        self.retry_after = retry_after


class ParseError(RecordError):
    """A reply does not have the form its prompt asked for."""

    def __init__(self, message: str, *, raw: str = "", hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.raw = raw


class StepError(RecordError):
    """A step could not use its row."""


class RunError(ClosedbookError):
    """The run stops; everything finished before stays."""


class JournalError(RunError):
    """The journal could not be read or written."""


class AuthError(RunError):
    """The endpoint refuses the credentials."""


class BudgetExhausted(RunError):
    """What the config allows to be spent is spent; nothing new is sent."""


class Interrupted(RunError):
    """Somebody wants the run to stop; what was on its way has been received."""


class Terminated(KeyboardInterrupt):
    """A KeyboardInterrupt by SIGTERM."""


class TrainingError(RunError):
    """Training cannot go on."""


class EvaluationError(RunError):
    """An exam cannot be asked or graded."""
