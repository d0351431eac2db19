"""What is read beside a question: whole documents, though they were split, passages that fit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from closedbook.config import Retrieval
from closedbook.documents.splitting import parts_of
from closedbook.errors import InputError
from closedbook.evaluation import consult
from closedbook.evaluation.asking import Prompt
from closedbook.evaluation.conditions import TOO_LONG, Library, whole_documents
from closedbook.records import Document, Message, Passage, Question

TEXT = "# Heron\n\n" + "\n\n".join(f"## Part {n}\n\n" + f"Bell {n} rings. " * 40 for n in range(4))


def test_the_open_book_is_the_whole_document_though_it_was_split() -> None:
    whole = Document.make(title="Heron", text=TEXT, source="heron.md")
    question = Question(document="Heron", question="Which?", options=("a", "b"), answer=0)
    prompts = []
    for documents in ([whole], parts_of(whole, 300)):
        library = Library(whole_documents(documents))
        prompt = library.prompt(question, "open_book", "turn", lambda *_: "")
        assert isinstance(prompt, Prompt)
        prompts.append(" ".join(prompt.messages[-1].content.split()))
    assert prompts[0] == prompts[1]


def test_a_question_about_a_part_is_asked_beside_that_part() -> None:
    parts = parts_of(Document.make(title="Heron", text=TEXT, source="heron.md"), 300)
    asked = Question(document=parts[1].title, question="Q", options=("a", "b"), answer=0)
    library = Library(whole_documents(parts))
    prompt = library.prompt(asked, "open_book", "turn", lambda *_: "")
    assert isinstance(prompt, Prompt)
    assert parts[1].text in prompt.messages[-1].content
    assert parts[2].text not in prompt.messages[-1].content


@pytest.mark.parametrize("context", [3, 14, 24, 40])
def test_titles_count_where_a_prompt_has_to_fit(context: int) -> None:
    """Words are tokens here; each passage has ten, its title six."""

    def refusal(prompt: Sequence[Message], _options: Sequence[str]) -> str:
        return TOO_LONG if len(prompt[-1].content.split()) > context else ""

    question = Question(document="", question="Who rang it?", options=("a", "b"), answer=0)
    made = [
        Document.make(title=f"The long history of bell {n}", text="Bell " * 10, source="")
        for n in range(3)
    ]
    found = [Passage.make(document, 0, len(document.text)) for document in made]
    library = Library({}, {question.id: found}, retrieved=3, titled=True)
    prompt = library.prompt(question, "rag", "turn", refusal)
    assert isinstance(prompt, Prompt)
    assert refusal(prompt.messages, ()) == ""
    assert prompt.shortened


def test_what_a_person_asks_stands_beside_passages_as_in_an_exam() -> None:
    class Echo:
        def refusal(self, prompt: Sequence[Message], _options: Sequence[str]) -> str:
            return TOO_LONG if len(prompt[-1].content) > 60 else ""

        def write(self, prompts: Sequence[Sequence[Message]]) -> list[str]:
            return [prompt[-1].content for prompt in prompts]

    documents = [
        Document.make(title=f"Bell {n}", text=f"It rings. {'x' * 40}", source="") for n in (1, 2)
    ]
    found = [Passage.make(document, 0, len(document.text)) for document in documents]
    closed, read = consult("Who rang it?", [("base", Echo())], found, Retrieval(titled=True))
    assert (closed.text, closed.read) == ("Who rang it?", ())
    assert read.text.startswith("Bell 1\nIt rings. xx")
    assert (len(read.text), read.read) == (60, ("Bell 1",))
    with pytest.raises(InputError, match="the question cannot be asked: too long"):
        list(consult("Who? " * 20, [("base", Echo())], found, Retrieval()))
