"""The one place that calls kreuzberg: bytes of a known type to Markdown.

No OCR, no models, no cache: it works without network and leaves nothing on disk. A file that
cannot be parsed, or takes longer than `_SECONDS`, raises UnreadableError.
"""

from __future__ import annotations

import kreuzberg

from closedbook.documents.drafts import UnreadableError

_SECONDS = 600

_CONFIG = kreuzberg.ExtractionConfig(
    use_cache=False,
    enable_quality_processing=False,
    output_format="markdown",
    extraction_timeout_secs=_SECONDS,
)


def extract(content: bytes, mime_type: str) -> tuple[str, str]:
    """The Markdown of a file and the title in its metadata ("" if none)."""
    try:
        result = kreuzberg.extract_bytes_sync(content, mime_type, _CONFIG)
    except kreuzberg.ExtractionTimeoutError as error:
        raise UnreadableError(
            "broken file",
            f"not parsed within {_SECONDS} seconds",
            hint="split it, or save it again with another program",
        ) from error
    except (kreuzberg.KreuzbergError, RuntimeError, ValueError) as error:
        raise UnreadableError(
            "broken file",
            _first_line(error),
            hint="open it, remove a password if it has one, save it again",
        ) from error
    return result.content, str(result.metadata.get("title") or "")


def _first_line(error: Exception) -> str:
    """The message without what its layers repeat of each other."""
    lines = str(error).removeprefix("ParsingError: ").splitlines()
    return ": ".join(dict.fromkeys(lines[0].split(": "))) if lines else type(error).__name__
