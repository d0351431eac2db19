"""What is on disk: rows, digests, stages with their manifests, and the journal of paid answers.

Knows nothing of what the files mean.
"""

from closedbook.store.digest import digest_file, digest_path, visible_files
from closedbook.store.lock import is_locked, locked
from closedbook.store.place import STATE, Place, journal_path, knowledge_files, to_review
from closedbook.store.rows import (
    read_json,
    read_rows,
    replace_text,
    rows_if_any,
    write_atomically,
    write_json,
    write_rows,
)
from closedbook.store.stage import Make, Manifest, Stage, bring_up_to_date, read_manifest, why_stale
from closedbook.store.summary import read_summary

__all__ = [
    "STATE",
    "Make",
    "Manifest",
    "Place",
    "Stage",
    "bring_up_to_date",
    "digest_file",
    "digest_path",
    "is_locked",
    "journal_path",
    "knowledge_files",
    "locked",
    "read_json",
    "read_manifest",
    "read_rows",
    "read_summary",
    "replace_text",
    "rows_if_any",
    "to_review",
    "visible_files",
    "why_stale",
    "write_atomically",
    "write_json",
    "write_rows",
]
