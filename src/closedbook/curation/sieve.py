"""What decides about each pair and study text: contamination, rules, the project's own filters,
repeats; in this order.

Repeats come last: a pair that another filter drops must not stand for the fact. Knows one document
at a time, so that memory does not grow with how many there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from closedbook.config import Curate
from closedbook.config.written import mistake
from closedbook.curation.contamination import Contamination, Hit
from closedbook.curation.duplicates import Repeats
from closedbook.curation.filters import FILTERS, Filter, rules
from closedbook.curation.text import words
from closedbook.errors import UserError
from closedbook.records import Document, QAPair, Question, Rejection, StudyText
from closedbook.registry import load_folder

STAGE = "curate"
CONTAMINATION = "contamination"
Put = Callable[[object], None]


@dataclass(frozen=True, slots=True)
class Contaminated:
    """A removed row beside the exam's question that it gives away."""

    id: str
    document_id: str
    text: str
    exam: str
    question: str
    why: str


class Sieve:
    """`reject` and `contaminated` take what is dropped, `dropped` counts it by step."""

    def __init__(
        self,
        settings: Curate,
        documents: Mapping[str, Document],
        exams: Iterable[Question],
        own: Sequence[tuple[str, Filter]],
        reject: Put,
        contaminated: Put,
    ) -> None:
        self._settings = settings
        built_in = rules(settings, documents).items()
        self._filters = [*(rule for rule in built_in if rule[0] not in settings.without), *own]
        without = CONTAMINATION in settings.without
        self._contamination = Contamination(() if without else exams)
        self._reject = reject
        self._contaminated = contaminated
        self.dropped: Counter[str] = Counter()
        self.begin()

    def begin(self, earlier: Iterable[QAPair] = ()) -> None:
        """Go on to another document, of which `earlier` pairs were kept."""
        self._repeats = Repeats(self._settings.near_duplicates)
        self._texts: set[tuple[str, ...]] = set()
        for pair in earlier:
            self._repeats(pair)

    def keeps(self, pair: QAPair) -> bool:
        """Whether a pair is kept; where not, the reason is put down."""
        raw = f"{pair.question}\n{pair.answer}"
        if hit := self._contamination.in_pair(pair.question, pair.answer):
            self._give_away(pair.id, pair.document_id, raw, hit)
            return False
        for step, test in self._filters:
            if reason := test(pair):
                self._drop(Rejection(STAGE, step, reason, pair.id, raw=raw))
                return False
        if "repeats" not in self._settings.without and (reason := self._repeats(pair)):
            self._drop(Rejection(STAGE, "repeats", reason, pair.id, raw=raw))
            return False
        return True

    def keeps_study(self, text: StudyText) -> bool:
        if hit := self._contamination.in_text(text.text):
            self._give_away(text.id, text.document_id, text.text, hit)
            return False
        spoken = words(text.text)
        reason = "repeated text" if spoken in self._texts else "" if spoken else "empty text"
        if reason:
            self._drop(Rejection(STAGE, "study", reason, text.id, raw=text.text))
            return False
        self._texts.add(spoken)
        return True

    def _give_away(self, identity: str, document_id: str, text: str, hit: Hit) -> None:
        stem, why = hit.question.question, hit.why
        detail = f"{why}: {stem}"
        self._drop(
            Rejection(STAGE, CONTAMINATION, "repeats an exam question", identity, detail, text)
        )
        self._contaminated(Contaminated(identity, document_id, text, hit.question.exam, stem, why))

    def _drop(self, rejection: Rejection) -> None:
        self.dropped[rejection.step] += 1
        self._reject(rejection)


def own_filters(folder: Path, names: Sequence[str]) -> list[tuple[str, Filter]]:
    """The filters of these names, from the project's `folder` or an installed package. Raises
    UserError for one that does not exist."""
    load_folder(folder)
    name = ""
    try:
        return [(name := each, FILTERS.get(each)) for each in names]
    except UserError as error:
        key, hint = ("curate", "filters"), f"{error.hint}; a project's own are in filters/*.py"
        raise mistake(folder.parent, [key], error.message, hint, name=name) from None
