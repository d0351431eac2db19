"""QuALITY (Pang et al. 2022): its articles and questions, from the files its authors publish.

Reads the JSON lines of v1.0.1 (one article and writer each) and the older flat form of the
repository's example. Knows nothing of who answers. Invariant: every question of a file becomes a
Question, or a Rejection that says why it cannot be asked.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from closedbook.errors import InputError
from closedbook.evaluation.lines import placed, text_of, values
from closedbook.records import Question, Rejection, plain

ONE_RIGHT = "There is only one correct choice."
"""What the closed-book protocol of the EntiGraph study says after each question."""
TUTORIAL = (
    "Defining Decay Down", "Fight Clubbed", "I, Antichrist?", "It's Time To Keelhaul U-Haul!",
    "My Father's Estate", '"Phone Me in Central Park"', "...After a Few Words...",
    "...And It Comes Out Here", "A Coffin for Jacob", "A Fall of Glass", "A Filbert Is a Nut",
    "A Gift from Earth", "A Gleeb for Earth", "A Good Year for the Roses?", "A Pail of Air",
    "A Planet Named Joe", "AI: what's the worst that could happen?", "Accidental Death",
    "All Day September", "Ambition", "And Then the Town Took Off",
    "Atom Mystery [Young Atom Detective]", "Beach Scene", "Big Ancestor", "Birds of a Feather",
    "Bodyguard",
)  # fmt: skip
"""The 26 articles of the published tutorial on customising a small model with QuALITY."""
FETCH = "closedbook exam fetch quality downloads the published files"
_TAG = re.compile(r"<[^>]*>")
_HEAD = re.compile(r"<head\b.*?</head>|<(script|style)\b.*?</\1>", re.DOTALL | re.IGNORECASE)
_PARAGRAPH = re.compile(r"(?i)</p\s*>|<br\s*/?>\s*<br\s*/?>|</h\d\s*>|</div\s*>")
_FLAT = re.compile(r"question(\d+)")


@dataclass(frozen=True, slots=True)
class Article:
    """`title` names it among all that were read: two articles of one title have their authors
    added."""

    title: str
    author: str
    year: str
    text: str
    rows: tuple[Mapping[str, Any], ...]

    @property
    def about(self) -> str:
        """How a question names the article, as the literature does."""
        written = f", written by {self.author}" if self.author else ""
        when = f" in {self.year}" if written and self.year else ""
        return f'In the context of "{self.title}"{written}{when}, '


def read_articles(files: Sequence[Path]) -> list[Article]:
    """The articles of these files, each once, by title. Raises InputError with file:line where a
    line is no article of QuALITY."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for file in files:
        for number, value in values(text_of(file, FETCH), "QuALITY is JSON lines"):
            row = _checked(value, f"{file}:{number}")
            author = str(row.get("author") or "").strip()
            found.setdefault((_title(row), author), []).append(row)
    counted = Counter(title for title, _ in found)
    made = (
        _article(f"{title} ({author})" if counted[title] > 1 else title, author, rows)
        for (title, author), rows in found.items()
    )
    return sorted(made, key=lambda article: article.title)


def subset(articles: Sequence[Article], titles: str | Sequence[str]) -> list[Article]:
    """The articles of a named subset or of these titles. Raises InputError naming the first title
    that is not there."""
    if titles == "all":
        return list(articles)
    wanted = TUTORIAL if titles == "tutorial" else tuple(titles)
    known = {plain(article.title): article for article in articles}
    for title in wanted:
        if plain(title) not in known:
            raise InputError(
                f"no article {title!r} in the QuALITY files", hint="name train and dev files both"
            )
    return [known[plain(title)] for title in wanted]


def questions_of(
    articles: Iterable[Article], *, hard_only: bool = False
) -> tuple[list[Question], list[Rejection]]:
    """The questions of the articles in the literature's wording, and those that cannot be asked."""
    made: list[Question] = []
    rejections: list[Rejection] = []
    seen: set[str] = set()
    for article in articles:
        for row in article.rows:
            for asked in _asked(row):
                if problem := _problem(article, asked, seen):
                    raw = orjson.dumps(asked).decode()
                    rejections.append(Rejection("exam", "quality", problem, article.title, raw=raw))
                elif not hard_only or asked.get("difficult"):
                    made.append(_question(article, asked))
                seen.update((_identity(asked), _wording(article, asked)))
    return made, rejections


def _checked(row: Any, place: str) -> Mapping[str, Any]:
    if isinstance(row, InputError):
        raise placed(row, place)
    if not isinstance(row, dict) or not _title(row) or not row.get("article"):
        raise InputError(
            f"{place}: no QuALITY article: it needs title, article and questions",
            hint="use the files of QuALITY v1.0.1",
        )
    return row


def _title(row: Mapping[str, Any]) -> str:
    return " ".join(str(row.get("title") or "").split())


def _article(title: str, author: str, rows: Sequence[Mapping[str, Any]]) -> Article:
    text = rows[0]["article"]
    whole = "".join(map(str, text)) if isinstance(text, list) else str(text)
    if whole.lstrip()[:1] == "<":
        whole = _without_tags(whole)
    return Article(title, author, str(rows[0].get("year") or "").strip(), whole, tuple(rows))


def _without_tags(text: str) -> str:
    """Paragraphs stay apart, everything else of HTML goes."""
    body = _PARAGRAPH.sub("\n\n", _HEAD.sub("", text))
    paragraphs = html.unescape(_TAG.sub("", body)).split("\n\n")
    return "\n\n".join(filter(None, (" ".join(part.split()) for part in paragraphs)))


def _asked(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The questions of a row in the published form, whichever form the row has."""
    if "questions" in row:
        return [dict(asked) for asked in row["questions"]]
    numbers = sorted(int(match[1]) for key in row if (match := _FLAT.fullmatch(key)))
    return [_of_flat(row, number) for number in numbers]


def _of_flat(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Most of the speed readers wrong is what makes a question hard."""
    name = f"question{number}"
    label, speed = row.get(f"{name}_gold_label"), row.get(f"{name}_annotator_speed_answers")
    options = [row[key] for place in range(1, 10) if (key := f"{name}option{place}") in row]
    asked = {"question": row[name], "options": options, "gold_label": label}
    if speed:
        asked["difficult"] = int(2 * sum(answer == label for answer in speed) < len(speed))
    return {**asked, "question_unique_id": f"{row.get('unique_id', '')}_{number}"}


def _identity(asked: Mapping[str, Any]) -> str:
    return str(asked.get("question_unique_id") or "")


def _wording(article: Article, asked: Mapping[str, Any]) -> str:
    options = "\n".join(map(str, asked.get("options") or ()))
    return plain(f"{article.title}\n{asked.get('question')}\n{options}")


def _problem(article: Article, asked: Mapping[str, Any], seen: set[str]) -> str:
    """Why a question cannot be asked; "" if it can."""
    options = [plain(str(option)) for option in asked.get("options") or ()]
    label = asked.get("gold_label")
    found = {
        "no question": not str(asked.get("question") or "").strip(),
        "an option is missing": len(options) < 2 or not all(options),
        "two options are the same": len(set(options)) < len(options),
        "no gold label": type(label) is not int,
        "the gold label is no option": type(label) is int and not 1 <= label <= len(options),
        "the id of another question": bool(_identity(asked)) and _identity(asked) in seen,
        "the same question again": _wording(article, asked) in seen,
    }
    return next((reason for reason, is_so in found.items() if is_so), "")


def _question(article: Article, asked: Mapping[str, Any]) -> Question:
    text = " ".join(str(asked["question"]).split())
    difficult = asked.get("difficult")
    return Question(
        document=article.title,
        question=f"{article.about}{text[0].lower()}{text[1:]} {ONE_RIGHT}",
        options=tuple(" ".join(str(option).split()) for option in asked["options"]),
        answer=asked["gold_label"] - 1,
        about=article.about,
        hard=None if difficult is None else bool(difficult),
    )
