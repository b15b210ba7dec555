"""Which importer reads what."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from artifactsvc.client.importers import find_importer, importers
from artifactsvc.client.report import ImportFailedError

from .reading import REPORTS

NAMES = ["allure", "junit", "mochawesome", "native", "playwright", "robot"]


def test_every_importer_is_registered_under_its_name():
    found = importers()
    assert list(found) == NAMES
    assert all(importer.name == name for name, importer in found.items())


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("junit/junit.xml", "junit"),
        ("robot/output.xml", "robot"),
        ("mochawesome/mochawesome.json", "mochawesome"),
        ("playwright/report.json", "playwright"),
        ("native/result.json", "native"),
    ],
)
def test_a_file_is_known_by_its_content(file, name):
    assert find_importer(REPORTS / file).name == name


def test_a_foreign_folder_is_refused_with_the_known_formats(tmp_path):
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "page.xml").write_text("<html/>")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    (tmp_path / "unreadable-result.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ImportFailedError, match=f"known format \\({', '.join(NAMES)}\\)"):
        find_importer(tmp_path)


def test_a_missing_path_and_an_unknown_format_are_refused(tmp_path):
    with pytest.raises(ImportFailedError, match="no such file or folder"):
        find_importer(tmp_path / "nothing")
    with pytest.raises(ImportFailedError, match=r"unknown format 'nunit'; known formats: allure, junit"):
        find_importer(tmp_path, "nunit")


def test_several_formats_in_a_folder_want_a_choice():
    with pytest.raises(ImportFailedError, match="choose with --format"):
        find_importer(REPORTS)
    assert find_importer(REPORTS, "robot").name == "robot"


def test_a_named_format_reads_a_file_of_any_name(tmp_path):
    (tmp_path / "mine.txt").write_text('{"name": "a"}')
    (test,) = find_importer(tmp_path / "mine.txt", "native").read(tmp_path / "mine.txt")
    assert test.name == "a"


@pytest.mark.parametrize("name", NAMES)
def test_a_named_format_that_it_is_not_is_refused(tmp_path, name):
    (tmp_path / "page.html").write_text("<html/>")
    for path in (tmp_path, tmp_path / "page.html"):
        with pytest.raises(ImportFailedError, match=str(tmp_path)):
            list(find_importer(path, name).read(path))


def test_another_package_can_add_one(tmp_path):
    package = tmp_path / "site" / "nunit_importer"
    info = tmp_path / "site" / "nunit_importer-1.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text(
        "class NUnit:\n    name = 'nunit'\n"
        "    def finds(self, path):\n        return path.suffix == '.nunit'\n"
        "    def read(self, path):\n        yield from ()\n"
    )
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: nunit-importer\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[artifactsvc.importers]\nnunit = nunit_importer:NUnit\n")
    (tmp_path / "a.nunit").write_text("")
    code = "import sys; from pathlib import Path; from artifactsvc.client.importers import find_importer; print(find_importer(Path(sys.argv[1])).name)"
    environment = {"PYTHONPATH": f"{tmp_path / 'site'}:{Path(__file__).resolve().parents[4]}"}
    assert (
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.nunit")], env=environment, capture_output=True, text=True, check=True).stdout == "nunit\n"
    )


def test_folders_that_hold_no_reports_are_not_searched(tmp_path):
    for folder in ("node_modules/x", ".cache", "a/b/c/d/e"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "result.json").write_text('{"name": "a"}')
    with pytest.raises(ImportFailedError, match="no report"):
        find_importer(tmp_path)


def test_the_importers_import_nothing_of_the_server():
    code = (
        "import sys; sys.modules['pyramid'] = sys.modules['sqlalchemy'] = sys.modules['colander'] = None;"
        "import types, pathlib; top = types.ModuleType('artifactsvc'); top.__path__ = [sys.argv[1]]; sys.modules['artifactsvc'] = top;"
        "from artifactsvc.client.importers import importers; assert len(importers()) == 6;"
        "print(sorted(name for name in sys.modules if name.startswith('artifactsvc.') and not name.startswith('artifactsvc.client')))"
    )
    package = Path(__file__).resolve().parents[4] / "artifactsvc"
    done = subprocess.run([sys.executable, "-c", code, str(package)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_importer_in_the_docs_works(tmp_path):
    docs = (Path(__file__).resolve().parents[4] / "docs" / "importers.md").read_text()
    scope = {}
    exec(re.search(r"```python\n(from collections.*?)```", docs, re.DOTALL)[1], scope)
    (tmp_path / "a.lines").write_text("login ok\npay bad\nodd\n")
    importer = scope["Lines"]()
    assert importer.finds(tmp_path / "a.lines")
    *tests, skipped = importer.read(tmp_path / "a.lines")
    assert [(test.name, test.status, len(test.steps)) for test in tests] == [("login", "Passed", 1), ("pay", "Failed", 1)]
    assert skipped.why == "unknown status ''"
