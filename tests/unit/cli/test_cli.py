"""The command: what it prints, and how it ends."""

import json
import os

import pytest
from click.testing import CliRunner

from artifactsvc.cli import cli, main
from artifactsvc.cli.files import parse_age
from artifactsvc.filestore import FileStore


@pytest.fixture
def write_ini(tmp_path):
    def write(**settings):
        settings = {"sqlalchemy.url": f"sqlite:///{tmp_path}/db.sqlite", "artifact.storage_path": str(tmp_path / "files"), **settings}
        settings.setdefault("artifact.thumbnail_path", str(tmp_path / "thumbnails"))
        path = tmp_path / "test.ini"
        path.write_text("[app:main]\nuse = egg:artifactsvc\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
        return str(path)

    return write


@pytest.fixture
def run(write_ini):
    ini = write_ini()

    def run(*args, code=0):
        result = CliRunner().invoke(cli, ["-c", ini, *args])
        assert result.exit_code == code, result.output
        return result.output

    return run


@pytest.fixture
def run_main(monkeypatch, capsys):
    """Run the whole command; its exit code and what it wrote to stderr."""

    def run(*args):
        monkeypatch.setattr("sys.argv", ["artifactsvc", *args])
        with pytest.raises(SystemExit) as caught:
            main()
        return caught.value.code, capsys.readouterr().err

    return run


def test_schema_is_made_once_when_migrated_twice(run):
    assert run("migrate").endswith("(was empty)\n")
    assert "was" not in run("migrate")


def test_files_without_rows_go_when_swept(run, tmp_path):
    run("migrate")
    store = FileStore(tmp_path / "files")
    with store.stage() as staged:
        path = store.publish(staged, "2026/11/22/x", "a", ".txt")
    assert "0 files without an artifact" in run("sweep")
    assert f"would remove {path}\n" in run("sweep", "--older-than", "0s", "--dry-run")
    assert run("sweep", "--older-than", "0s") == f"removed {path}\n1 files without an artifact, 0 staged files, 0 expired idempotency keys\n"
    assert os.listdir(store.root) == [".tmp"]


def test_check_ends_well_when_there_is_nothing_wrong(run):
    run("migrate")
    assert run("check", "--deep") == "0 artifacts checked, 0 with problems\n"


def test_check_ends_with_status_4_when_a_file_is_missing(app, api, write_ini, database_url, storage):
    api.upload(api.result())
    (path,) = api.files()
    (storage / path).unlink()
    ini = write_ini(**{"sqlalchemy.url": database_url, "artifact.storage_path": str(storage)})
    result = CliRunner().invoke(cli, ["-c", ini, "check"])
    assert result.exit_code == 4
    assert f"missing: {path} (artifact " in result.output


def test_tree_lists_every_url_when_asked(write_ini):
    result = CliRunner().invoke(cli, ["-c", write_ini(**{"artifactsvc.migrate": "true"}), "tree"])
    lines = [line.split() for line in result.output.splitlines()]
    assert ["/api/v1/reports/test-case-results/{id}/artifacts/batch", "POST", "write"] in lines
    assert ["/livez", "GET", "open"] in lines
    assert all(len(line) == 3 for line in lines)


@pytest.mark.parametrize(("text", "seconds"), [("30s", 30), ("10m", 600), ("24h", 86400), ("7d", 604800), ("0s", 0)])
def test_age_is_seconds_when_it_has_a_unit(text, seconds):
    assert parse_age(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "24", "1.5h", "-1h", "1w", "１h", "²h", "1 h"])
def test_age_is_refused_when_it_makes_no_sense(run, text):
    run("migrate")
    assert "--older-than" in run("sweep", "--older-than", text, code=2)


@pytest.mark.parametrize("command", ["check", "sweep", "migrate", "tree"])
def test_one_line_says_so_when_the_ini_file_is_missing(run_main, command):
    code, text = run_main("-c", "no-such.ini", command)
    assert (code, text) == (1, "artifactsvc: there is no ini file no-such.ini; name one with -c\n")


@pytest.mark.parametrize("command", ["check", "sweep"])
def test_one_line_names_the_remedy_when_the_schema_is_old(run_main, write_ini, command):
    code, text = run_main("-c", write_ini(), command)
    assert code == 1
    assert "run `artifactsvc -c production.ini migrate`" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("command", ["check", "sweep", "migrate"])
@pytest.mark.parametrize("setting", [("artifact.max_file_size", "big"), ("sqlalchemy.url", "postgresql://nobody@127.0.0.1:1/none")])
def test_one_line_names_the_setting_when_it_is_bad(run_main, write_ini, command, setting):
    key, value = setting
    code, text = run_main("-c", write_ini(**{key: value}), command)
    assert code == 1
    assert key in text
    assert text.count("\n") == 1


def test_schema_prints_the_json_schema_of_a_report():
    result = CliRunner().invoke(cli, ["schema"])
    assert result.exit_code == 0
    assert json.loads(result.output)["title"] == "result.json of artifactsvc"
