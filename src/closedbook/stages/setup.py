"""A config at a place: the models and the student that all stages of a project use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from closedbook import documents as reading
from closedbook import icl
from closedbook.config import Config, EndpointTeacher, Price, Teacher
from closedbook.engine import JUDGE, TEACHER, Account, Role
from closedbook.flows import Given
from closedbook.flows.spec import SCOPE_COLUMNS
from closedbook.flows.stage import Columns
from closedbook.models import make_teacher
from closedbook.models.context import context_of, document_tokens
from closedbook.models.endpoint import Endpoint
from closedbook.models.profiles import Profile
from closedbook.records import GENERATED, REHEARSED
from closedbook.store import Place
from closedbook.students import StudentSource, find_student


@dataclass(frozen=True, slots=True)
class Setup:
    """A config at a place, with the teacher and the student that it names."""

    config: Config
    place: Place
    account: Account
    student: StudentSource
    identity: str
    """The student's; found once, since it reads the weights."""

    @classmethod
    def of(cls, config: Config, place: Place) -> Self:
        student = find_student(config.student, place.root)
        teacher = role_of(config.teacher, "teacher", place.root)
        others = {
            name: role_of(settings, f"models.{name}", place.root)
            for name, settings in config.models.items()
        }
        roles = {TEACHER: teacher, JUDGE: teacher, **others}
        account = Account(roles, place.journal, config.budget)
        return cls(config, place, account, student, student.identity)

    @property
    def limit(self) -> reading.Limit | None:
        """How long a document may be for all who are asked to read it; None if nothing says."""
        limits = []
        for settings, profile in self._endpoints().values():
            context, tokens = context_of(settings, profile), document_tokens(settings, profile)
            if context is not None and tokens is not None:
                limits.append(reading.Limit(tokens, context))
        return min(limits, key=lambda limit: limit.document, default=None)

    @property
    def unknown(self) -> dict[str, EndpointTeacher]:
        """Settings of the models of which neither config nor profile says how much they can read,
        by the role that the config gives them."""
        return {
            name: settings
            for name, (settings, profile) in self._endpoints().items()
            if context_of(settings, profile) is None
            and (name == TEACHER or name in self.config.models)
        }

    @property
    def asked(self) -> dict[str, object]:
        """What decides how each role answers one and the same request."""
        terms: dict[str, object] = {
            name: role.model.identity for name, role in self.account.roles.items()
        }
        kept = {"temperature", "top_p", "max_tokens", "thinking", "takes_top_k"}
        for name, (settings, profile) in self._endpoints().items():
            terms[name] = {
                "model": terms[name],
                "sampling": settings.model_dump(include=kept),
                "profile": profile.model_dump(include={"profile", "thinking", "sampling"}),
            }
        return terms

    @property
    def counted_on(self) -> Given:
        """What flows may count on here."""
        return Given.of(self.config, self.place.root)

    @property
    def examples(self) -> Path | None:
        """The file of in-context examples, if there is one."""
        file = self.place.root / self.config.icl.file
        return file if file.is_file() else None

    @property
    def given(self) -> Columns:
        """What the project puts into every source row. Raises ConfigError for wrong examples."""
        settings, file = self.config.icl, self.examples
        examples = icl.load_examples(file) if file else ()
        by_domain = settings.choose == "domain"
        choosing = icl.Choosing(examples, by_domain=by_domain, seed=settings.seed)
        naming = self.naming
        return lambda document: {**naming, **choosing.columns(document)}

    @property
    def naming(self) -> dict[str, str]:
        """How questions name their source, in the columns of flows."""
        generate = self.config.generate
        texts = (generate.question_scope or "", generate.organisation)
        return dict(zip(SCOPE_COLUMNS, texts, strict=True))

    def _endpoints(self) -> dict[str, tuple[EndpointTeacher, Profile]]:
        """Settings and profile of each role that an endpoint has."""
        found = {}
        for name, role in self.account.roles.items():
            settings = self.config.models.get(name, self.config.teacher)
            if isinstance(role.model, Endpoint) and isinstance(settings, EndpointTeacher):
                found[name] = (settings, role.model.profile)
        return found

    @property
    def unreviewed(self) -> str:
        """Why no result means anything; "" if a person wrote the exam. It is the same wherever the
        project lies, since it is stored."""
        if self.place.rehearsal:
            return REHEARSED
        return "" if self.config.exam is not None else GENERATED

    @property
    def examined(self) -> tuple[str, ...]:
        """Every arm that sits the exams."""
        return (*self.students, *self.config.evaluate.models)

    @property
    def students(self) -> tuple[str, ...]:
        """Base and what is trained from it."""
        return ("base", *self.config.arms)

    def student_of(self, arm: str) -> StudentSource:
        """Base, or the model that training leaves for an arm."""
        return self.student if arm == "base" else StudentSource(str(self.place.model(arm)))


def role_of(settings: Teacher, key: str, project: Path) -> Role:
    """A model and its terms, from settings that the config has under `key`."""
    model = make_teacher(settings, project, key)
    if not isinstance(settings, EndpointTeacher):
        return Role(model, Price(prompt=0, completion=0))
    return Role(model, settings.price, settings.max_tokens)
