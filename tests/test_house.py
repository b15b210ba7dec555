"""The rules of the house (docs/architecture.md) that a machine can check."""

import ast
import re
from pathlib import Path

import pytest

from artifactsvc.settings import _KEYS, Settings
from artifactsvc.tree import list_urls

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "artifactsvc"

# room -> what it may not import
FORBIDDEN = {
    "models": ("pyramid", "artifactsvc.services", "artifactsvc.views", "artifactsvc.resources", "artifactsvc.schemas", "artifactsvc.filestore"),
    "services": ("pyramid", "artifactsvc.views", "artifactsvc.resources", "artifactsvc.schemas", "artifactsvc.representations"),
    "schemas": ("pyramid", "sqlalchemy", "artifactsvc.models", "artifactsvc.services", "artifactsvc.views", "artifactsvc.filestore"),
    "filestore": ("pyramid", "sqlalchemy", "artifactsvc.models", "artifactsvc.services", "artifactsvc.views", "artifactsvc.schemas"),
    "resources": ("sqlalchemy", "artifactsvc.views", "artifactsvc.schemas", "artifactsvc.models"),
    "views": ("sqlalchemy", "artifactsvc.models"),
    "exceptions.py": ("pyramid", "sqlalchemy", "artifactsvc"),
    "identifiers.py": ("pyramid", "sqlalchemy", "artifactsvc"),
    "representations.py": ("pyramid", "sqlalchemy", "artifactsvc.views", "artifactsvc.resources"),
}


def sources(room: str) -> list[Path]:
    path = PACKAGE / room
    return [path] if path.suffix else sorted(path.rglob("*.py"))


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("room", FORBIDDEN)
def test_imports_go_one_way(room):
    assert sources(room)
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sources(room)
        for name in imports(path)
        for forbidden in FORBIDDEN[room]
        if name == forbidden or name.startswith(forbidden + ".")
    ]
    assert wrong == []


def test_the_client_imports_nothing_of_the_server():
    """Nor do its commands: what they need is on every test machine."""
    for path in [*sources("client"), PACKAGE / "cli" / "upload.py"]:
        ours = {name for name in imports(path) if name.partition(".")[0] == "artifactsvc"}
        assert {name for name in ours if not name.startswith("artifactsvc.client")} == set(), path.name
        assert not {name.partition(".")[0] for name in imports(path)} & {"pyramid", "sqlalchemy", "colander", "webob", "orjson"}, path.name


def test_no_service_takes_a_request():
    for path in [*sources("services"), *sources("filestore"), *sources("schemas")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name != "includeme":
                assert "request" not in [argument.arg for argument in node.args.args], f"{path.name}: {node.name}"


def test_there_is_one_getitem():
    found = [path.name for path in PACKAGE.rglob("*.py") if "def __getitem__" in path.read_text()]
    assert found == ["base.py"]


def test_files_stay_small():
    long = {str(path.relative_to(ROOT)): count for path in PACKAGE.rglob("*.py") if (count := len(path.read_text().splitlines())) > 250}
    assert long == {}


def test_no_file_is_named_for_nothing():
    assert [path.name for path in PACKAGE.rglob("*.py") if path.stem in ("utils", "helpers", "common", "misc")] == []


def test_every_module_says_what_it_is_for():
    silent = [path.name for path in PACKAGE.rglob("*.py") if path.read_text().strip() and not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


def test_the_readme_lists_the_urls(app):
    table = re.findall(r"^\| `(/[^`]*)` \| ([A-Z, ]+) \| (\w+) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    listed = {(path, method, permission) for path, methods, permission in table for method in methods.split(", ")}
    assert listed == {tuple(url) for url in list_urls(app.registry)}


@pytest.mark.parametrize("file", ["development.ini", "production.ini", "README.md"])
def test_every_setting_is_documented(file):
    text = (ROOT / file).read_text()
    assert [key for key in sorted(_KEYS) if key not in text] == []


def test_the_ini_files_show_the_defaults(tmp_path):
    from pyramid.paster import get_appsettings

    from artifactsvc.settings import load_settings

    defaults = Settings()
    for file in ("development.ini", "production.ini"):
        settings = load_settings(dict(get_appsettings(str(ROOT / file))), {})
        differing = {name for name in Settings.__dataclass_fields__ if getattr(settings, name) != getattr(defaults, name)}
        assert differing <= {"database_url", "storage_path", "thumbnail_path", "migrate", "auth_required", "cookie_secure"}, file


def test_production_never_opens_the_doors():
    text = (ROOT / "production.ini").read_text()
    assert re.search(r"^auth\.required = true$", text, re.MULTILINE)
