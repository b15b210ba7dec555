"""Takes out of a folder of reports what tells of the machine they were made on: folders, its name, the user. Usage: scrub.py FOLDER"""

import getpass
import os
import re
import socket
import sys
import zipfile
from pathlib import Path

TEXT = {".json", ".xml", ".txt", ".html", ".md", ".trace", ".network", ".stacks"}
WORDS = [
    (re.escape(os.environ["WORK"]) + "/out", "/project/reports"),
    (re.escape(os.environ["WORK"]), "/project"),
    (re.escape(os.path.realpath(sys.executable).rsplit("/bin/", 1)[0]), "/usr"),
    (re.escape(os.path.expanduser("~")) + r"\b(?=/)", "/home/tester"),
    (rf"\b{re.escape(socket.gethostname())}\b", "machine"),
    (rf"(?<=@){re.escape(getpass.getuser())}\b", "tester"),
]


def scrub(text: str) -> str:
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text)
    return text


def scrub_archive(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in members:
            archive.writestr(info, scrub(data.decode()).encode() if Path(info.filename).suffix in TEXT else data)


for found in sorted(Path(sys.argv[1]).rglob("*")):
    if found.suffix == ".zip":
        scrub_archive(found)
    elif found.suffix in TEXT:
        found.write_text(scrub(found.read_text(encoding="utf-8")), encoding="utf-8")
