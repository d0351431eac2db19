"""Replies that no protocol foresees: what is in them is used, and nothing of them stops a run."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest

from closedbook.models.replies import counted, read_completion, secrets_of, shown

KEY = "sk-very/secret+key=="


def reply(content: object, **more: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"content": content}}], **more}


@pytest.mark.parametrize("usage", [None, [1, 2], "many", 7])
def test_an_answer_is_kept_whatever_stands_in_the_place_of_its_usage(usage: object) -> None:
    answer = read_completion(reply("yes", usage=usage))
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens) == ("yes", None, None)


@pytest.mark.parametrize("count", [-1, 10**30, True, 7.0, 1e300, "7", None])
def test_what_is_no_count_is_unknown(count: object) -> None:
    assert counted({"usage": {"prompt_tokens": count}}, "prompt_tokens") is None


def test_parts_of_a_content_may_be_texts_themselves() -> None:
    parts = ["a", {"type": "text", "text": "b"}, {"type": "image_url"}]
    assert read_completion(reply(parts)).text == "ab"


@pytest.mark.parametrize(
    "text",
    [
        f"no such key: {KEY}",
        f"?api_key={quote(KEY, safe='')}&x",
        f"?api_key={quote(KEY, safe='').lower()}&x",
        '{"key": "' + KEY.replace("/", "\\/") + '"}',
    ],
)
def test_a_key_is_not_shown_however_it_is_spelled(text: str) -> None:
    said = shown(text, secrets_of(KEY, "http://x/v1"))
    assert "***" in said
    assert "secret" not in said


@pytest.mark.parametrize("key", ["EMPTY", "x", "none"])
def test_a_key_that_is_none_takes_no_words_out(key: str) -> None:
    text = "'NoneType' must not be empty: x"
    assert shown(text, secrets_of(key, "http://x/v1")) == text


def test_a_key_with_marks_is_not_shown_in_html_and_json() -> None:
    key = 'a"b<c>&d'
    said = shown('a&quot;b&lt;c&gt;&amp;d a\\"b<c>&d', secrets_of(key, "http://x/v1"))
    assert said == "*** ***"


@pytest.mark.parametrize(
    "text",
    ["Basic bWU6cyYzY3JldA==", "bWU6cyYzY3JldA%3D%3D", "me:s&3cret", "s%263cret", "s&amp;3cret"],
)
def test_the_login_of_an_address_is_not_shown_either(text: str) -> None:
    said = shown(text, secrets_of("", "http://me:s%263cret@x/v1"))
    assert said.removeprefix("Basic ") == "***"


def test_without_a_secret_all_is_shown() -> None:
    assert shown("as it is", secrets_of("", "http://x/v1")) == "as it is"


def test_what_is_shown_does_not_steer_a_terminal() -> None:
    assert shown("oh\x1b[31m no\x9b2J\r\n") == "oh [31m no 2J"
