"""What file system a folder is on."""

import os
import re


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
