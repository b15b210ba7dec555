"""Whether the disk writes and fsyncs a file in one call, pwritev2(2) with RWF_SYNC."""

import contextlib
import os
import re
import tempfile

# they fsync what is written with the flag; FUSE with direct I/O and 9p take it and do not
_KNOWN = frozenset({"btrfs", "ext4", "f2fs", "overlay", "tmpfs", "xfs"})
_RWF_DONTCACHE = 0x80  # linux/fs.h, since Linux 6.14; not in every Python yet


def find_write_flags(folder: str) -> int:
    """The flags for files in `folder`, found out by trying; 0 where it takes a write and an fsync.

    With RWF_DONTCACHE, where there is it, what was written does not stay in the page cache: an upload is rarely read soon, and
    memory that is used again at once is cheaper than fresh one (docs/performance.md).
    """
    if not hasattr(os, "RWF_SYNC") or file_system(folder) not in _KNOWN:
        return 0
    for flags in (os.RWF_SYNC | _RWF_DONTCACHE, os.RWF_SYNC):
        with contextlib.suppress(OSError), tempfile.TemporaryFile(dir=folder, buffering=0) as probe:
            os.pwritev(probe.fileno(), [b"probe"], 0, flags)
            return flags
    return 0


def file_system(folder: str, table: str = "/proc/self/mountinfo") -> str:
    """Its type, `ext4`; empty where the system does not tell (proc(5), mountinfo).

    By the longest mount point that leads there: the device numbers of btrfs are not those in the table.
    """
    path = os.path.realpath(folder)
    found, longest = "", 0
    try:
        with open(table, encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                mount, _, device = line.partition(" - ")
                point = _unescape(mount.split()[4])
                if len(point) >= longest and (path + "/").startswith(point.rstrip("/") + "/"):  # of two on one point the later one hides the other
                    found, longest = device.split()[0], len(point)
    except (OSError, IndexError):
        return ""
    return found


def _unescape(text: str) -> str:
    """Blanks, tabs, line ends and backslashes are octal in the table."""
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), text)
