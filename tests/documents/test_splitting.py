"""Documents too long for the teacher become several, along their structure; nothing is lost."""

from __future__ import annotations

import time
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from closedbook.documents import Limit, read_documents
from closedbook.documents.splitting import estimated_tokens, parts_of
from closedbook.events import Event, Notice
from closedbook.records import Document
from closedbook.store.rows import read_rows


def sentences(count: int, about: str) -> str:
    return " ".join(f"Sentence {about} of it is a plain one." for _ in range(count))


HANDBOOK = "\n\n".join(
    [
        "# Handbook",
        sentences(3, "intro"),
        "## Pay",
        sentences(10, "pay"),
        "## Leave",
        sentences(3, "leave"),
        "### Sick leave",
        sentences(8, "sick"),
        "### Parental leave",
        *(sentences(5, f"parental-{n}") for n in range(5)),
        "## Travel",
        sentences(2, "travel"),
        "## Rooms",
        sentences(2, "rooms"),
    ]
)


def document(text: str, title: str = "Handbook") -> Document:
    return Document.make(title=title, text=text, source="handbook.md")


def words(*documents: Document) -> list[str]:
    return [word for one in documents for word in one.text.split()]


def test_parts_are_titled_by_where_they_stand() -> None:
    parts = parts_of(document(HANDBOOK), 150)
    assert [part.title for part in parts] == [
        "Handbook (1 of 2)",
        "Handbook > Pay",
        "Handbook > Leave",
        "Handbook > Leave > Parental leave (1 of 3)",
        "Handbook > Leave > Parental leave (2 of 3)",
        "Handbook > Leave > Parental leave (3 of 3)",
        "Handbook (2 of 2)",
    ]
    assert [part.source for part in parts][:2] == ["handbook.md#part-1", "handbook.md#part-2"]
    assert {part.part_of for part in parts} == {"Handbook"}
    assert words(*parts) == words(document(HANDBOOK))
    assert all(estimated_tokens(part.text) <= 150 for part in parts)


def test_what_fits_stays_as_it_is() -> None:
    whole = document(HANDBOOK)
    assert parts_of(whole, 100_000) == [whole]


def test_text_without_headings_is_numbered() -> None:
    parts = parts_of(document(sentences(100, "x"), "Notes"), 200)
    assert [part.title for part in parts] == [
        f"Notes ({n} of {len(parts)})" for n in range(1, len(parts) + 1)
    ]


def test_a_comment_in_code_is_no_heading() -> None:
    code = "```\n# not a heading\n" + "x = 1\n" * 200 + "```"
    parts = parts_of(document(f"# Handbook\n\n## Code\n\n{code}"), 150)
    assert not [part.title for part in parts if "not a heading" in part.title]


@settings(max_examples=40)
@given(st.text(st.sampled_from("ab #\n1é漢.`"), max_size=600), st.integers(5, 60))
def test_nothing_is_lost_whatever_the_text(text: str, tokens: int) -> None:
    whole = document(text)
    parts = parts_of(whole, tokens)
    assert "".join(words(*parts)) == "".join(words(whole))
    if len(parts) > 1:
        assert max(estimated_tokens(part.text) for part in parts) <= tokens


def test_the_estimate_is_cautious() -> None:
    assert estimated_tokens("") == 0
    assert estimated_tokens("abcdef") == 2
    assert estimated_tokens("漢字") == 2
    assert estimated_tokens("2026") == 4


def test_a_novel_is_split_in_a_moment() -> None:
    novel = "\n\n".join(f"## Chapter {n}\n\n{sentences(400, str(n))}" for n in range(60))
    started = time.monotonic()
    assert len(parts_of(document(novel), 20_000)) > 10
    assert time.monotonic() - started < 10


def test_the_stage_names_what_it_split(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "handbook.md").write_text(HANDBOOK)
    (folder / "short.md").write_text("# Short\n\nA short one.\n")
    events: list[Event] = []
    counts = read_documents(folder, tmp_path, events.append, limit=Limit(150, 300))
    stored = list(read_rows(tmp_path / "documents.jsonl", Document))
    assert len(stored) == counts["documents"] == 8
    assert counts["split"] == 1
    (notice,) = [event.text for event in events if isinstance(event, Notice)]
    assert notice == (
        "handbook.md: split into 7 parts, each of at most 150 tokens by estimate, for the"
        " teacher's context of 300 (teacher.context)"
    )
    assert stored[-1].title == "Short"
    assert stored[-1].part_of == ""
