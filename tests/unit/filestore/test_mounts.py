"""Which file system a folder is on, from tables as Linux writes them."""

import os

import pytest

from artifactsvc.filestore.mounts import file_system

TABLE = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
23 22 0:21 / /proc rw,nosuid - proc proc rw
30 22 0:40 / {base}/data rw,relatime - xfs /dev/vdb rw
31 22 0:41 / {base}/with\\040blank rw,relatime shared:2 master:1 - fuse.mergerfs a:b rw
32 22 0:42 / {base}/twice rw - tmpfs tmpfs rw
33 32 0:43 / {base}/twice rw - btrfs /dev/vdc rw,subvol=/x
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "mountinfo"
    path.write_text(TABLE.format(base=tmp_path))
    return str(path)


@pytest.mark.parametrize(
    ("folder", "kind"),
    [("elsewhere", "ext4"), ("data", "xfs"), ("data/deep/er", "xfs"), ("data2", "ext4"), ("with blank/x", "fuse.mergerfs"), ("twice", "btrfs")],
)
def test_it_is_that_of_the_longest_mount_point_and_the_latest(tmp_path, table, folder, kind):
    assert file_system(str(tmp_path / folder), table) == kind


def test_links_are_followed(tmp_path, table):
    (tmp_path / "data").mkdir()
    os.symlink(tmp_path / "data", tmp_path / "link")
    assert file_system(str(tmp_path / "link"), table) == "xfs"


@pytest.mark.parametrize("text", [None, "", "nonsense", "22 1 254:0 / /"])
def test_it_is_unknown_where_the_system_does_not_tell(tmp_path, text):
    path = tmp_path / "mountinfo"
    if text is not None:
        path.write_text(text)
    assert file_system("/", str(path)) == ""


def test_the_real_table_knows_proc():
    assert file_system("/proc/self") == "proc"
