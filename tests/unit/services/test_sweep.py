"""What a crash leaves goes, and nothing else does; what a disk loses is found."""

import os
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, insert, update

from artifactsvc.exceptions import SettingsError
from artifactsvc.filestore import FileStore, disk
from artifactsvc.models import Artifact, IdempotencyKey, TestCaseResult
from artifactsvc.models.engines import make_engines
from artifactsvc.services.sweep import check, sweep
from tests.api import new_uuid

FOLDER = "2026/11/22/x"


@pytest.fixture
def engines(database_url):
    engines = make_engines(database_url, 2, 5)
    yield engines
    engines.dispose()


@pytest.fixture
def store(storage):
    store = FileStore(storage)
    store.use_names()
    return store


@pytest.fixture
def put(engines, store):
    """Publish a file, with its row unless told otherwise; its path."""
    result = new_uuid()
    with engines.write.begin() as db:
        db.execute(insert(TestCaseResult), {"id": result, "name": "t", "full_name": "t", "status": "Passed"})

    def put(data=b"data", row=True):
        with store.stage() as staged:
            staged.write(data)
            path = store.publish(staged, FOLDER, "a", ".txt")
            values = {"file_name": "a.txt", "file_size": staged.size, "mime_type": "text/plain", "checksum": staged.checksum, "storage_path": path}
        if row:
            with engines.write.begin() as db:
                db.execute(insert(Artifact), {"id": new_uuid(), "test_case_result_id": result, "artifact_type": "log", **values})
        return path

    return put


def run(engines, store, older_than=-5, **options):
    return sweep(engines, store, older_than, idempotency_hours=24, **options)


def paths(store):
    return sorted(path for path, _ in store.walk())


def test_files_without_a_row_go_when_swept(engines, store, put):
    kept, orphan = put(), put(row=False)
    store.stage().close()
    swept = run(engines, store)
    assert (swept.orphans, swept.staged) == ([orphan], 1)
    assert paths(store) == [kept]
    assert os.listdir(store.staging) == []
    assert run(engines, store) == ([], 0, 0, [])


def test_files_are_not_called_removed_when_they_cannot_be(engines, store, put, monkeypatch):
    put()
    orphan = put(row=False)
    store.stage().close()
    with monkeypatch.context() as patch:
        patch.setattr(disk.os, "unlink", refuse)
        swept = run(engines, store)
    assert (swept.orphans, swept.staged, len(swept.stuck)) == ([], 0, 2)
    assert swept.stuck[1] == orphan
    assert run(engines, store).orphans == [orphan]


def refuse(path):
    raise PermissionError(path)


def test_young_files_stay_when_swept(engines, store, put):
    put(row=False)
    store.stage().close()
    assert run(engines, store, 3600) == ([], 0, 0, [])
    assert len(paths(store)) == len(os.listdir(store.staging)) == 1


def test_nothing_goes_when_it_is_a_dry_run(engines, store, put):
    orphan = put(row=False)
    assert run(engines, store, dry_run=True).orphans == [orphan]
    assert paths(store) == [orphan]


def test_files_of_others_stay_when_swept(engines, store):
    for name in ("README", "lost+found", "2026/notes.TXT"):
        os.makedirs(os.path.dirname(os.path.join(store.root, name)), exist_ok=True)
        open(os.path.join(store.root, name), "w").close()
    assert run(engines, store) == ([], 0, 0, [])
    assert sorted(os.listdir(store.root)) == [".tmp", "2026", "README", "lost+found"]


def test_symlink_goes_and_its_target_stays_when_swept(engines, store, tmp_path):
    target = tmp_path / "precious.txt"
    target.write_text("x")
    os.makedirs(os.path.join(store.root, FOLDER))
    os.symlink(target, os.path.join(store.root, FOLDER, "a.txt"))
    assert run(engines, store).orphans == [f"{FOLDER}/a.txt"]
    assert target.read_text() == "x"
    assert os.listdir(store.root) == [".tmp"]


def test_sweep_is_refused_when_most_files_would_go(engines, store, put):
    for _ in range(101):
        put(row=False)
    with pytest.raises(SettingsError, match="101 files would go and the database knows 0"):
        run(engines, store)
    assert len(paths(store)) == 101
    assert len(run(engines, store, force=True).orphans) == 101
    assert paths(store) == []


def test_expired_keys_go_when_swept(engines, store):
    with engines.write.begin() as db:
        rows = [
            {"principal": "", "key": key, "fingerprint": "f", "created_at": when}
            for key, when in (("old", datetime(2020, 1, 1, tzinfo=UTC)), ("new", datetime.now(UTC)))
        ]
        db.execute(insert(IdempotencyKey), rows)
    assert run(engines, store).keys == 1
    assert run(engines, store).keys == 0
    with engines.write.begin() as db:
        assert db.execute(delete(IdempotencyKey)).rowcount == 1


@pytest.mark.parametrize(
    ("damage", "quick", "deep"),
    [
        ("none", None, None),
        ("removed", "missing", "missing"),
        ("cut", "size differs", "size differs"),
        ("flipped", None, "content differs"),
        ("path", "missing", "missing"),
    ],
)
def test_check_names_the_problem_when_a_file_is_damaged(engines, store, put, damage, quick, deep):
    full = os.path.join(store.root, put(b"abcd"))
    if damage == "removed":
        os.unlink(full)
    elif damage == "cut":
        os.truncate(full, 2)
    elif damage == "flipped":
        with open(full, "r+b") as file:
            file.write(b"X")
    elif damage == "path":
        with engines.write.begin() as db:
            db.execute(update(Artifact).values(storage_path="../../../etc/passwd"))
    assert [problem for _, problem in check(engines.read, store)] == [quick]
    assert [problem for _, problem in check(engines.read, store, deep=True)] == [deep]


def test_check_sees_every_artifact_when_there_are_several_chunks(engines, store, put, monkeypatch):
    monkeypatch.setattr("artifactsvc.services.sweep.CHUNK", 2)
    expected = sorted(put() for _ in range(5))
    assert sorted(row.storage_path for row, _ in check(engines.read, store)) == expected
    assert run(engines, store) == ([], 0, 0, [])
