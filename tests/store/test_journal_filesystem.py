"""Which filesystem a path lies on, by the table of mounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook.store.journal_filesystem import mount_table, network_filesystem

MOUNTS = """\
/dev/vda1 / ext4 rw,relatime 0 0
proc /proc proc rw 0 0
server:/home /absent/home nfs4 rw,vers=4.2 0 0
/dev/vdb /absent/home/scratch xfs rw 0 0
//server/share /absent/my\\040share cifs rw 0 0
user@host: /absent/far fuse.sshfs rw 0 0
server:/old /absent/twice nfs rw 0 0
/dev/vdc /absent/twice ext4 rw 0 0
fast@o2ib:/lustre /absent/fast lustre rw 0 0
overlay /absent/container overlay rw 0 0
a line that is none
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/absent", ""),
        ("/absent/home", "nfs4"),
        ("/absent/home/me/project/.closedbook/journal.sqlite", "nfs4"),
        ("/absent/home/scratch/project", ""),
        ("/absent/homely", ""),
        ("/absent/my share/project", "cifs"),
        ("/absent/far/x", "fuse.sshfs"),
        ("/absent/twice/x", ""),
        ("/absent/fast", "lustre"),
        ("/absent/container/x", ""),
        ("/absent/home/../elsewhere", ""),
    ],
)
def test_the_deepest_mount_decides(path: str, expected: str) -> None:
    assert network_filesystem(Path(path), MOUNTS) == expected


def test_a_link_to_a_network_filesystem_is_followed(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    mounts = f"/dev/vda1 / ext4 rw 0 0\nserver:/x {tmp_path}/far nfs rw 0 0\n"
    assert network_filesystem(tmp_path / "near" / "journal.sqlite", mounts) == "nfs"
    assert network_filesystem(tmp_path / "journal.sqlite", mounts) == ""


def test_without_a_table_nothing_is_a_network_filesystem(tmp_path: Path) -> None:
    assert network_filesystem(tmp_path, "") == ""
    assert isinstance(mount_table(), str)
