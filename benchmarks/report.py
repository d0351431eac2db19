"""The report of a large exam: how large the page is and how soon it answers.

    python benchmarks/report.py

4,609 questions about 265 documents in four orders of their options, two arms, three conditions:
110,616 synthetic answers with thinking, of words drawn from a seed, so that they do not compress as
a repeated sentence would; eight passages of 1,024 characters for each question. Prints the time to
write the page, its size, and in Chromium (if there is one): from opening the file until the list
of questions is there, until an opened question shows its answers, and until a search is done. The
baseline is the same page about 40 questions.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from playwright.sync_api import Page, sync_playwright

from closedbook.config import Evaluate
from closedbook.evaluation import summarise
from closedbook.records import Condition, Passage, Response, Retrieved
from closedbook.reporting import About, gather, write_report
from closedbook.store import write_rows

QUESTIONS, DOCUMENTS, TURNS = 4609, 265, 4
ARMS = {"base": 0.35, "customised": 0.43}
CONDITIONS: tuple[Condition, ...] = ("closed_book", "rag", "open_book")
PER_DOCUMENT, RETRIEVED, CHARACTERS = 25, 8, 1024
MOST_BYTES = 15_000_000
WORDS = [
    "".join(random.Random(seed).choices("aabcdeeefghiiklmnooprsttu", k=2 + seed % 8))
    for seed in range(6000)
]


def prose(draw: random.Random, words: int) -> str:
    """Text whose words are as unevenly common as those of a language."""
    places = (int(len(WORDS) * draw.random() ** 3) for _ in range(words))
    return " ".join(WORDS[place] for place in places)


def responses(arm: str, questions: int, documents: int) -> Iterator[Response]:
    for condition in CONDITIONS:
        for number in range(questions):
            draw = random.Random(f"{number}")
            asked = prose(draw, 14)
            options = tuple(prose(draw, 9) for _ in range(4))
            for turn in range(TURNS):
                yield response(arm, condition, (number, number % documents, turn), asked, options)


def response(
    arm: str,
    condition: Condition,
    place: tuple[int, int, int],
    asked: str,
    options: tuple[str, ...],
) -> Response:
    number, document, turn = place
    draw = random.Random(f"{arm}{condition}{number}{turn}")
    right = draw.random() < ARMS[arm]
    passages = [
        (document * PER_DOCUMENT + number + near) % PER_DOCUMENT for near in range(RETRIEVED)
    ]
    return Response(
        exam="quality",
        arm=arm,
        condition=condition,
        question_id=f"q{number}",
        document=f"article {document}",
        question=asked,
        options=options,
        answer=number % 4,
        scores=(),
        chosen=number % 4 if right else (number + 1) % 4,
        correct=right,
        text=prose(draw, 20),
        reasoning=prose(draw, 160),
        extracted="letter",
        permutation=turn,
        retrieved=tuple(
            Retrieved(f"p{document}/{part}", f"article {document}") for part in passages
        )
        if condition == "rag"
        else (),
    )


def passages(documents: int) -> Iterator[Passage]:
    for document in range(documents):
        for part in range(PER_DOCUMENT):
            text = prose(random.Random(f"{document}/{part}"), CHARACTERS // 6)
            title = f"article {document}"
            yield Passage(f"p{document}/{part}", str(document), title, text, 0, len(text))


def write(folder: Path, questions: int, documents: int) -> Path:
    """The page, from response rows; prints how long it took."""
    out = folder / "out"
    arms = {arm: out / "evaluate" / arm / "responses.jsonl" for arm in ARMS}
    for arm, file in arms.items():
        write_rows(file, responses(arm, questions, documents))
    write_rows(out / "retrieve" / "passages.jsonl", passages(documents))
    summarise(arms, Evaluate(), out / "evaluate")
    start = perf_counter()
    report = gather(out, [f"evaluate/{arm}" for arm in arms], About("Large"))
    write_report(report, folder / "report.html")
    size = (folder / "report.html").stat().st_size
    print(
        f"{questions:,} questions: written in {perf_counter() - start:.1f} s, {size / 1e6:.2f} MB"
    )
    return folder / "report.html"


def open_page(page: Page, file: Path) -> tuple[float, float, float]:
    """Seconds until the list is there, an answer is shown, a search is done."""
    start = perf_counter()
    page.goto(file.as_uri(), wait_until="commit")
    page.locator("#list > .asked").first.wait_for()
    there = perf_counter()
    page.locator("#list .opens").first.click()
    page.locator("#list .answer").first.wait_for()
    shown = perf_counter()
    page.locator("#search").fill("no such word")
    page.get_by_text("0 of 0 shown").wait_for()
    return there - start, shown - there, perf_counter() - shown


def main() -> int:
    small = large = 0
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        files = [write(Path(one), 40, 10), write(Path(other), QUESTIONS, DOCUMENTS)]
        small, large = (file.stat().st_size for file in files)
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        if chromium is None:
            print("no chromium: times in a browser were not measured")
            return 0 if large < MOST_BYTES else 1
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            open_page(browser.new_page(), files[0])  # the browser's own first page costs extra
            rows = [open_page(browser.new_page(), file) for file in files]
            browser.close()
    print(f"{'seconds until':<22} {'40 questions':>12} {'4,609':>8} {'ratio':>6}")
    for name, before, after in zip(("the list", "an answer", "a search"), *rows, strict=True):
        print(f"{name:<22} {before:>12.2f} {after:>8.2f} {after / before:>6.1f}")
    print(f"size: {large / 1e6:.1f} MB, {large / small:.0f} times that of 40 questions")
    return 0 if large < MOST_BYTES else 1


if __name__ == "__main__":
    sys.exit(main())
