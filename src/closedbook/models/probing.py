"""What an address serves, asked of its list of models; the model itself is asked nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from closedbook.errors import AuthError
from closedbook.models.client import Client
from closedbook.models.replies import Failure, shown


async def served_at(client: Client, url: str, model: str) -> tuple[str, int | None]:
    """What is wrong at `url`, in one line ("" if it serves the model or does not list what it
    serves), and how many tokens the model takes there, if the server says so."""
    try:
        reply = await client.get(f"{url}/models")
    except AuthError as error:
        return f"{url}: {error}", None
    except Failure as failure:
        listless = failure.status in (404, 405)
        return await _moved(client, url) if listless else f"{url}: {failure}", None
    data = reply.get("data")
    listed = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    served = [item.get("id") for item in listed]
    context = min(_lengths(listed, model), default=None)
    if not served or model in served:
        return "", context
    names = shown(", ".join(map(str, served[:5]))) + (", ..." if len(served) > 5 else "")
    return f"{url}: does not serve {model!r} (it serves: {names})", context


async def _moved(client: Client, url: str) -> str:
    """Where an address that lists no models has its API, if it only lacks the version; else ""."""
    right = f"{url}/v1"
    try:
        await client.get(f"{right}/models")
    except (Failure, AuthError):
        return ""  # a gateway may refuse whatever it does not know
    return f"{url}: lists no models, but {right} does: set base_url: {right}"


def _lengths(listed: Sequence[Mapping[str, Any]], model: str) -> Iterator[int]:
    """How many tokens a server says a model takes; vLLM and SGLang do."""
    for item in listed:
        tokens = item.get("max_model_len")
        if item.get("id") == model and type(tokens) is int and tokens > 0:
            yield tokens
