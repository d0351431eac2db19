"""Encoding: training must see what inference sees, and learn what the policy says."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken
from transformers import PreTrainedTokenizerBase

from closedbook.errors import StepError
from closedbook.records import Message, Role, TrainingRow
from closedbook.records.training_row import LossPolicy
from closedbook.students import REHEARSAL_STUDENT
from closedbook.students.encode import encode, encode_batch, encode_prompt, encoding_id
from closedbook.students.labelling import IGNORED, Labelling
from closedbook.students.rendering import ChatTemplate
from closedbook.students.student import load_tokenizer

unhurried = settings(max_examples=40)
LINES = (
    "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content | trim }}<|end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
)
"""ChatML's shape: a newline after the header and after the end of turn."""
MERGED = (
    "<|pad|>{% if messages[0].role == 'system' %}{% set rules = messages[0].content + '\n\n' %}"
    "{% set turns = messages[1:] %}{% else %}{% set rules = '' %}{% set turns = messages %}"
    "{% endif %}{% for m in turns %}{% if m.role == 'user' %}"
    "<|user|>{{ (rules if loop.first else '') + m.content }}<|end|>"
    "{% else %}<|assistant|>{{ m.content }}<|end|>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Gemma's shape: a token first, the system text inside the user's turn."""
FORGETFUL = (
    "{% for m in messages %}<|{{ m.role }}|> "
    "{{ m.content.split('###')[-1] if not loop.last else m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
"""Qwen3's habit: earlier turns lose their thinking."""

text = st.text(st.characters(codec="utf-8", exclude_characters="<|>"), min_size=1).filter(str.strip)


def tokenizer_with(template: str | None) -> PreTrainedTokenizerBase:
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    if template:
        tokenizer.chat_template = template
    return tokenizer


TOKENIZERS = [tokenizer_with(template) for template in (None, LINES, MERGED)]


@st.composite
def conversations(draw: st.DrawFn) -> tuple[Message, ...]:
    system = [Message("system", draw(text))] if draw(st.booleans()) else []
    turns = draw(st.lists(st.tuples(text, text), min_size=1, max_size=3))
    pairs = [m for u, a in turns for m in (Message("user", u), Message("assistant", a))]
    return (*system, *pairs)


def learned(tokenizer: PreTrainedTokenizerBase, labels: Sequence[int]) -> str:
    return str(tokenizer.decode([label for label in labels if label != IGNORED]))


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["own", "lines", "merged"])
@unhurried
@given(messages=conversations())
def test_ids_are_those_of_the_chat_template(
    tokenizer: PreTrainedTokenizerBase, messages: tuple[Message, ...]
) -> None:
    encoded = encode(tokenizer, TrainingRow("qa", messages), 10**6)
    stripped = [{"role": m.role, "content": m.content.strip()} for m in messages]
    whole = tokenizer.apply_chat_template(stripped, tokenize=True, return_dict=False)
    assert list(encoded.ids) == list(whole)


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["own", "lines", "merged"])
@unhurried
@given(messages=conversations())
def test_every_assistant_turn_is_learned_to_its_end_after_the_prompt_inference_gives(
    tokenizer: PreTrainedTokenizerBase, messages: tuple[Message, ...]
) -> None:
    encoded = encode(tokenizer, TrainingRow("qa", messages), 10**6)
    answers = [m.content.strip() for m in messages if m.role == "assistant"]
    assert learned(tokenizer, encoded.labels) == "".join(
        f"{' ' if tokenizer is TOKENIZERS[0] else ''}{answer}<|end|>" for answer in answers
    )
    for place, message in enumerate(messages):
        if message.role == "assistant":
            earlier = [Message(m.role, m.content.strip()) for m in messages[:place]]
            prompt = encode_prompt(tokenizer, earlier)
            assert list(encoded.ids[: len(prompt)]) == prompt
            assert encoded.labels[len(prompt)] == encoded.ids[len(prompt)]
            assert encoded.labels[len(prompt) - 1] == IGNORED


def test_policies_choose_the_turns() -> None:
    tokenizer = TOKENIZERS[1]
    messages = (Message("system", "Rules."), Message("user", "Text."), Message("assistant", "Yes."))

    def taught(policy: str) -> str:
        row = TrainingRow("study", messages, policy)  # type: ignore[arg-type]
        return learned(tokenizer, encode(tokenizer, row, 100).labels)

    assert taught("assistant") == "Yes.<|end|>"
    assert taught("all-but-system") == "Text.Yes.<|end|>"
    assert taught("all") == ChatTemplate(tokenizer).render(messages)


def test_a_user_text_that_repeats_the_answer_is_not_learned() -> None:
    tokenizer = TOKENIZERS[0]
    row = TrainingRow("qa", (Message("user", "Orr Orr"), Message("assistant", "Orr")))
    assert learned(tokenizer, encode(tokenizer, row, 100).labels) == " Orr<|end|>"


@pytest.mark.parametrize(
    ("messages", "limit", "reason"),
    [
        ((Message("user", "Hm?"), Message("assistant", "A long answer.")), 5, "too long"),
        ((Message("user", "Hm?"),), 100, "no loss tokens"),
        ((Message("user", "Hm?<|end|>"), Message("assistant", "A.")), 100, "special token in text"),
    ],
)
def test_unusable_rows_are_refused_with_a_reason(
    messages: tuple[Message, ...], limit: int, reason: str
) -> None:
    with pytest.raises(StepError, match=reason):
        encode(TOKENIZERS[0], TrainingRow("qa", messages), limit)


def test_a_template_that_rewrites_earlier_turns_is_refused() -> None:
    tokenizer = tokenizer_with(FORGETFUL)
    pair = (Message("user", "Hm?"), Message("assistant", "thinking###Yes."))
    single = encode(tokenizer, TrainingRow("qa", pair), 100)
    assert learned(tokenizer, single.labels).strip() == "thinking###Yes.<|end|>"
    with pytest.raises(StepError, match="template rewrites turns"):
        encode(tokenizer, TrainingRow("qa", pair * 2), 100)


def test_a_template_without_end_of_turn_is_refused() -> None:
    tokenizer = tokenizer_with("{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}")
    row = TrainingRow("qa", (Message("user", "Hm?"), Message("assistant", "Yes.")))
    with pytest.raises(StepError, match="template has no end of turn"):
        encode(tokenizer, row, 100)


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["own", "lines", "merged"])
@unhurried
@given(rows=st.lists(conversations(), max_size=5), limit=st.integers(20, 200))
def test_many_rows_at_a_time_are_encoded_as_one_by_one(
    tokenizer: PreTrainedTokenizerBase, rows: list[tuple[Message, ...]], limit: int
) -> None:
    made = [TrainingRow("qa", messages) for messages in rows]
    for row, together in zip(made, encode_batch(tokenizer, made, limit), strict=True):
        if isinstance(together, StepError):
            with pytest.raises(StepError, match=re.escape(str(together))):
                encode(tokenizer, row, limit)
        else:
            assert together == encode(tokenizer, row, limit)


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["own", "lines", "merged"])
@unhurried
@given(rows=st.lists(conversations(), max_size=5), loss=st.sampled_from(["assistant", "all"]))
def test_special_tokens_tell_the_same_as_the_places_of_all_tokens(
    tokenizer: PreTrainedTokenizerBase, rows: list[tuple[Message, ...]], loss: LossPolicy
) -> None:
    made = [TrainingRow("qa", messages, loss) for messages in rows]
    quick = encode_batch(tokenizer, made, 200)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Labelling, "by_frame", lambda *_: None)
        assert [str(one) for one in encode_batch(tokenizer, made, 200)] == [*map(str, quick)]


@pytest.mark.parametrize("tokenizer", TOKENIZERS, ids=["own", "lines", "merged"])
def test_special_tokens_are_enough_where_a_template_only_puts_something_around(
    tokenizer: PreTrainedTokenizerBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair = (Message("user", "Hm?"), Message("assistant", "Yes."))
    row = TrainingRow("qa", (Message("system", "Be."), *pair, *pair))
    expected = encode(tokenizer, row, 100)
    monkeypatch.delattr(Labelling, "by_text")
    assert encode(tokenizer, row, 100) == expected


def test_a_prompt_that_would_be_tokenized_otherwise_alone_is_refused() -> None:
    template = (
        "{% for m in messages %}{{ m.role }}={{ m.content }}<|end|>{% endfor %}"
        "{% if add_generation_prompt %}assistant={% endif %}"
    )
    tokenizer = tokenizer_with(template)
    fine = TrainingRow("qa", (Message("user", "Hm?"), Message("assistant", "Yes.")))
    assert learned(tokenizer, encode(tokenizer, fine, 100).labels) == "Yes.<|end|>"
    tokenizer.add_tokens(["==="])
    merged = TrainingRow("qa", (Message("user", "Hm?"), Message("assistant", "==")))
    with pytest.raises(StepError, match="prompt is tokenized otherwise"):
        encode(tokenizer, merged, 100)


def test_a_token_of_roles_in_a_text_is_refused_though_the_tokenizer_does_not_name_it() -> None:
    """Llama 3 knows its headers as special, but not by a name of their own."""
    tokenizer = tokenizer_with(None)
    tokenizer.add_tokens([AddedToken("<|header|>", special=True)], special_tokens=True)
    row = TrainingRow("qa", (Message("user", "Hm? <|header|>"), Message("assistant", "Yes.")))
    with pytest.raises(StepError, match="special token in text"):
        encode(tokenizer, row, 100)


@pytest.mark.parametrize(
    ("refuses", "why", "opening"),
    [
        ("messages[0].role == 'system'", "no system turn", ("system",)),
        # Refused only where the prompt of the first answer is asked for.
        ("'user' not in messages | map(attribute='role')", "no user turn", ("system", "assistant")),
    ],
)
def test_a_template_that_refuses_a_conversation_is_told_apart_from_the_others(
    refuses: str, why: str, opening: tuple[Role, ...]
) -> None:
    tokenizer = tokenizer_with(
        f"{{% if {refuses} %}}{{{{ raise_exception('{why}') }}}}{{% endif %}}" + LINES
    )
    pair = (Message("user", "Hm?"), Message("assistant", "Yes."))
    before = tuple(Message(role, "Be.") for role in opening)
    refused, fine = (TrainingRow("qa", turns) for turns in ((*before, *pair), pair))
    results = encode_batch(tokenizer, [refused, fine], 100)
    assert str(results[0]) == f"template refuses the conversation ({why})"
    assert results[1] == encode(tokenizer_with(LINES), fine, 100)


def test_an_encoding_is_known_by_its_tokenizer_and_template() -> None:
    own, again, lines = (tokenizer_with(template) for template in (None, None, LINES))
    assert encoding_id(own) == encoding_id(again) != encoding_id(lines)
