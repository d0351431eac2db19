"""Whether a path lies on a network filesystem.

Knows the table of mounts of Linux, nothing of journals. Where there is no such table (macOS), no
filesystem is known to be one of the network.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

MOUNTS = Path("/proc/mounts")
NETWORK = re.compile(
    "9p|afs|beegfs|ceph|cifs|gpfs|lustre|nfs4?|smb3|smbfs|fuse[.](ceph|glusterfs|sshfs)"
)


def mount_table() -> str:
    """What is mounted where; "" if this system does not say."""
    try:
        return MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


def network_filesystem(path: Path, mounts: str) -> str:
    """The type of the network filesystem that holds `path`, "" if it is a local one. `mounts` is
    the text of /proc/mounts; `path` need not exist yet."""
    place = PurePosixPath(path.resolve())
    deepest, found = -1, ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        point = PurePosixPath(_unescaped(fields[1]))
        depth = len(point.parts)
        # Of two mounts at one point the later one hides the earlier.
        if depth >= deepest and place.is_relative_to(point):
            deepest, found = depth, fields[2]
    return found if NETWORK.fullmatch(found) else ""


def _unescaped(field: str) -> str:
    """The kernel writes blanks and backslashes as octal numbers, a blank as `\\040`."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
