"""The bodies a simulator answers with: chat completions, whole or faulty, errors, a proxy's page.

Knows what clients expect of a server and what they meet; not how bodies are sent.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from closedbook.records import Completion
from closedbook.simulator.asked import Asked
from closedbook.simulator.settings import Fault
from closedbook.simulator.tokens import CHARACTERS, count_tokens

THOUGHT = "I look for what is asked, and answer it by rule from what the messages say."
PAGE = b"<!DOCTYPE html><html><body><h1>The gateway is not well</h1></body></html>"
WITHIN = {
    "tags": ("<think>\n", "\n</think>\n\n"),
    "closing": ("", "\n</think>\n\n"),
    "brackets": ("[THINK]", "[/THINK]"),
    "channels": (
        "<|channel|>analysis<|message|>",
        "<|end|><|start|>assistant<|channel|>final<|message|>",
    ),
}
"""What is put around thinking that comes in the text."""
FIELDS = {
    "field": "reasoning_content",
    "short_field": "reasoning",
    "swallowed": "reasoning_content",
}
WITHOUT_REPLY: frozenset[Fault] = frozenset({"server_error", "reset", "html", "bad_gateway"})
"""Faults that leave nothing of the reply."""
_FORM = re.compile(r"<[^<>]*>|\[[^\[\]]*\]|[{}]")


def completion(
    asked: Asked, answers: Sequence[Completion], cached: int, mode: str, fault: Fault | None
) -> dict[str, Any]:
    """A chat completion with one choice per answer; `cached` tokens of the prompt were cached
    and `mode` is where thinking goes, as in the settings."""
    choices = [
        {"index": index, **_choice(answer, asked.max_tokens, mode, fault)}
        for index, answer in enumerate(answers)
    ]
    return {
        "id": f"chatcmpl-{asked.key.hex()}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": asked.model,
        "choices": choices,
        "usage": _usage(asked, choices, cached),
    }


def _choice(
    answer: Completion, max_tokens: int | None, mode: str, fault: Fault | None
) -> dict[str, Any]:
    thinking, text, finish_reason = _said(answer, mode, fault)
    if thinking and (marks := WITHIN.get("tags" if mode == "none" else mode)):
        opening, closing = marks
        end = "" if fault == "truncated_thinking" else f"{closing}{text}"
        thinking, text = "", f"{opening}{thinking}{end}"
    elif mode == "swallowed" and text:
        thinking, text = f"{thinking}\n</think>\n\n{text}", ""
    if max_tokens is not None and len(thinking) + len(text) > max_tokens * CHARACTERS:
        room = max_tokens * CHARACTERS
        text = text[: max(0, room - len(thinking))]
        thinking, finish_reason = thinking[:room], "length"
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if mode in FIELDS:
        message[FIELDS[mode]] = thinking or None
    return {"message": message, "finish_reason": finish_reason}


def _said(answer: Completion, mode: str, fault: Fault | None) -> tuple[str, str, str]:
    """Thinking, text, finish_reason."""
    if fault == "truncated_thinking":
        return THOUGHT, "", "length"
    if fault in ("content_filter", "tool_calls", "empty"):
        return "", "", "stop" if fault == "empty" else fault
    text = _FORM.sub("", answer.text) if fault == "malformed" else answer.text
    return "" if mode == "none" else answer.reasoning or THOUGHT, text, "stop"


def _usage(asked: Asked, choices: Sequence[dict[str, Any]], cached: int) -> dict[str, Any]:
    messages = [choice["message"] for choice in choices]
    written = sum(
        count_tokens("".join(str(text) for key, text in message.items() if text and key != "role"))
        for message in messages
    )
    prompted = count_tokens(asked.prompt)
    return {
        "prompt_tokens": prompted,
        "completion_tokens": written,
        "total_tokens": prompted + written,
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def error(status: int, kind: str, message: str) -> dict[str, Any]:
    """An error as vLLM words it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}


def too_long(asked: Asked, context: int) -> dict[str, Any] | None:
    """The refusal of a request that does not fit, as vLLM words it."""
    prompted, wanted = count_tokens(asked.prompt), asked.max_tokens or 1
    if prompted + wanted <= context:
        return None
    message = (
        f"This model's maximum context length is {context} tokens. However, you requested"
        f" {prompted + wanted} tokens ({prompted} in the messages, {wanted} in the completion)."
    )
    return error(400, "BadRequestError", message)


def models(name: str, context: int | None) -> dict[str, Any]:
    listed = {"id": name, "object": "model", "created": 0, "owned_by": "closedbook-simulator"}
    listed |= {"max_model_len": context} if context else {}
    return {"object": "list", "data": [listed]}
