"""Which example a document is shown."""

from __future__ import annotations

from closedbook.icl import Asked, Choosing, Example
from closedbook.records import Document


def example(name: str, domain: str = "", source: str = "") -> Example:
    pair = Asked(question=f"{name}?", answer=name)
    return Example(
        domain=domain, source=source, document=name, fact=pair, theme=pair, reasoning=pair
    )


def document(number: int = 0, domain: str = "", source: str = "") -> Document:
    source = source or f"{number}.md"
    return Document.make(title="T", text=f"text {number}", source=source, domain=domain)


def shown(choosing: Choosing, about: Document) -> str | None:
    return choosing.columns(about).get("icl_document")


LAW, TRADE, ANY = example("law", "Law"), example("trade", "trade"), example("any")


def test_a_document_is_shown_an_example_of_its_domain_then_a_general_one_then_any() -> None:
    every = Choosing([LAW, TRADE, ANY])
    assert shown(every, document(domain="law")) == "law"
    assert shown(every, document(domain="Physics")) == "any"
    assert shown(every, document()) == "any"
    assert shown(Choosing([LAW]), document(domain="Physics")) == "law"
    assert shown(Choosing([]), document()) is None


def test_at_random_all_are_shown_and_the_seed_decides() -> None:
    documents = [document(number, "law") for number in range(60)]
    choices = [shown(Choosing([LAW, TRADE, ANY], by_domain=False), d) for d in documents]
    assert set(choices) == {"law", "trade", "any"}
    assert choices == [shown(Choosing([LAW, TRADE, ANY], by_domain=False), d) for d in documents]
    other = [shown(Choosing([LAW, TRADE, ANY], by_domain=False, seed=1), d) for d in documents]
    assert choices != other


def test_one_example_more_moves_only_the_documents_that_get_it() -> None:
    documents = [document(number) for number in range(60)]
    before = [shown(Choosing([LAW, ANY], by_domain=False), d) for d in documents]
    after = [shown(Choosing([LAW, ANY, TRADE], by_domain=False), d) for d in documents]
    assert {a in (b, "trade") for b, a in zip(before, after, strict=True)} == {True}


def test_no_document_is_shown_the_example_that_was_taken_from_it() -> None:
    own = Choosing([example("own", source="h.md"), ANY])
    assert shown(own, document(source="h.md")) == "any"
    assert shown(Choosing([own.examples[0]]), document(source="h.md#part-2")) is None
    assert shown(Choosing([own.examples[0]]), document(source="h.md-2")) == "own"


def test_the_columns_hold_the_kinds_in_order() -> None:
    theme, fact, reasoning = (
        Asked(question=f"{kind}?", answer=f"{kind}.") for kind in ("theme", "fact", "r")
    )
    made = Example(document="d", theme=theme, fact=fact, reasoning=reasoning)
    assert Choosing([made]).columns(document()) == {
        "icl_document": "d",
        "icl_question_1": "fact?",
        "icl_answer_1": "fact.",
        "icl_question_2": "theme?",
        "icl_answer_2": "theme.",
        "icl_question_3": "r?",
        "icl_answer_3": "r.",
    }
