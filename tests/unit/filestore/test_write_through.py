"""Which file system a folder is on, from tables as Linux writes them, and which flags it takes."""

import errno
import os

import pytest

from artifactsvc.filestore import write_through
from artifactsvc.filestore.write_through import file_system, find_write_flags

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


# how kernels before 4.7, emulators of one, and containers that know fewer calls say that there is no such call or flag
@pytest.mark.parametrize("code", [errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EPERM])
@pytest.mark.parametrize(("refused", "flags"), [(0, os.RWF_SYNC | 0x80), (0x80, os.RWF_SYNC), (os.RWF_SYNC, 0)])
def test_a_flag_that_is_refused_is_not_used(tmp_path, monkeypatch, code, refused, flags):
    def pwritev(fd, pieces, offset, given):
        if given & refused:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "pwritev", pwritev)
    monkeypatch.setattr(write_through, "file_system", lambda folder: "ext4")
    assert find_write_flags(str(tmp_path)) == flags
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("kind", ["fuse.mergerfs", "9p", "nfs4", "cifs", ""])
def test_no_flag_is_used_on_file_systems_that_may_not_fsync(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(write_through, "file_system", lambda folder: kind)
    assert find_write_flags(str(tmp_path)) == 0


def test_no_flag_is_used_where_the_system_has_none(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "RWF_SYNC")
    assert find_write_flags(str(tmp_path)) == 0
