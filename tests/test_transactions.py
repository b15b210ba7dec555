"""Rows and files commit together: one fault at every place an upload passes, for a single file and for a batch.

After each: rows, files, folders' contents and `.tmp` are as before, the answer has its one shape, and the next upload works.
"""

import errno
import os

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from artifactsvc.filestore import disk
from artifactsvc.services import sweep
from artifactsvc.views.api import artifacts as artifact_views
from tests.api import BASE, assert_detail, png, step

TABLES = ("test_runs", "test_case_results", "test_step_results", "test_artifacts", "idempotency_keys")


@pytest.fixture(autouse=True)
def in_one_call(app):
    """Also where the file system of the tests is not known to."""
    store = app.registry["file store"]
    store.write_flags = store.write_flags or os.RWF_SYNC


def rows(app) -> dict[str, int]:
    with app.registry["engines"].read.connect() as db:
        return {table: db.execute(text(f"SELECT count(*) FROM {table}")).scalar() for table in TABLES}


def upload_single(api, result, key="k1"):
    return api.upload(result, png(noise=b"single"), step_number=1, link_to_step="true", headers={"Idempotency-Key": key} if key else {})


def upload_batch(api, result, key="k2"):
    metadata = [{"file_index": index, "artifact_type": "screenshot", "step_number": 1, "link_to_step": True} for index in range(3)]
    return api.batch(result, [(f"{index}.png", png(noise=b"%d" % index)) for index in range(3)], metadata, headers={"Idempotency-Key": key} if key else {})


def failing(code: int, after: int = 0):
    """An os function that fails with `code` from call `after` on."""
    calls = []

    def fail(*args, **kw):
        calls.append(args)
        if len(calls) <= after:
            return original(*args, **kw)
        raise OSError(code, os.strerror(code))

    original = None

    def install(monkeypatch, name):
        nonlocal original
        original = getattr(os, name)
        monkeypatch.setattr(disk.os, name, fail)

    return install


def break_view(monkeypatch, app):
    def bug(*args):
        raise RuntimeError("a bug of ours")

    monkeypatch.setattr(artifact_views, "stored_artifact_json", bug)
    monkeypatch.setattr(artifact_views, "batched_artifact_json", bug)


def break_os(name: str, code: int, after: int = 0):
    return lambda monkeypatch, app: failing(code, after)(monkeypatch, name)


def in_two_calls(breaker):
    """Where the system cannot write and fsync in one call."""

    def install(monkeypatch, app):
        app.registry["file store"].write_flags = 0
        breaker(monkeypatch, app)

    return install


def break_half_written(monkeypatch, app):
    """The disk takes a part of the bytes, and then it is full."""
    write, pwritev = os.write, os.pwritev

    def short(fd, data):
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, data[: len(data) // 2])

    monkeypatch.setattr(disk.os, "write", short)
    monkeypatch.setattr(disk.os, "pwritev", lambda fd, pieces, offset, flags: pwritev(fd, [pieces[0][: len(pieces[0]) // 2]], offset, flags))


def break_insert(monkeypatch, app):
    def fail(connection, cursor, statement, *rest):
        if statement.startswith("INSERT INTO test_artifacts"):
            raise OperationalError(statement, {}, Exception("server closed the connection unexpectedly"))

    event.listen(app.registry["engines"].write, "before_cursor_execute", fail)


def break_folder_sync(monkeypatch, app):
    def fail(path):
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(disk, "sync_folder", fail)


@pytest.mark.parametrize("key", ["k", None])
@pytest.mark.parametrize("upload", [upload_single, upload_batch])
def test_bytes_are_on_the_disk_when_the_first_statement_takes_a_lock(upload, key, app, api, monkeypatch):
    result, order, pwritev = api.result(), [], os.pwritev
    monkeypatch.setattr(disk.os, "pwritev", lambda *args: order.append("durable" if args[3] & os.RWF_SYNC == os.RWF_SYNC else "written") or pwritev(*args))
    event.listen(app.registry["engines"].write, "before_cursor_execute", lambda *args: order.append(args[2].partition(" ")[0]))
    assert upload(api, result, key).status_int == 201
    statements = [index for index, done in enumerate(order) if done not in ("durable", "BEGIN")]
    assert order[: statements[0]].count("durable") == (1 if upload is upload_single else 3)


FAULTS = {
    "a bug in the view": (break_view, 500),
    "no space for the staged file": (break_os("open", errno.ENOSPC), 507),
    "no inode left": (break_os("open", errno.EDQUOT), 507),
    "no space while writing": (break_os("pwritev", errno.ENOSPC), 507),
    "no space while writing, in two calls": (in_two_calls(break_os("write", errno.ENOSPC)), 507),
    "no space half way": (break_half_written, 507),
    "no space half way, in two calls": (in_two_calls(break_half_written), 507),
    "file size limit of the process": (break_os("pwritev", errno.EFBIG), 507),
    "the disk fails while writing": (break_os("pwritev", errno.EIO), 503),
    "the disk fails while writing, in two calls": (in_two_calls(break_os("write", errno.EIO)), 503),
    "a read-only disk": (break_os("link", errno.EROFS), 503),
    "no space for the folder": (break_os("makedirs", errno.ENOSPC), 507),
    "publishing fails": (break_os("link", errno.EIO), 503),
    "fsync of a file fails": (in_two_calls(break_os("fsync", errno.EIO)), 503),
    "no space at fsync": (in_two_calls(break_os("fsync", errno.ENOSPC)), 507),
    "fsync of a folder fails": (break_folder_sync, 503),
    "the insert fails": (break_insert, 503),
}


@pytest.mark.parametrize("upload", [upload_single, upload_batch])
@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_changes_when(fault, upload, app, api, monkeypatch):
    result = api.result()
    api.post_steps(result, [step(1)])
    api.upload(api.result(), png(noise=b"before"), step_number=1)
    before = rows(app), api.files(), api.steps(result)
    breaker, status = FAULTS[fault]
    with monkeypatch.context() as patch:
        breaker(patch, app)
        response = upload(api, result)
    assert_detail(response, status)
    assert "Traceback" not in response.text
    assert ("Retry-After" in response.headers) == (status in (503, 507))
    assert (rows(app), api.files(), api.steps(result)) == before
    assert api.staged() == []


@pytest.mark.parametrize("upload", [upload_single, upload_batch])
@pytest.mark.parametrize("fault", ["no space while writing", "publishing fails", "fsync of a file fails", "fsync of a folder fails"])
def test_the_retry_works_when_the_fault_is_gone(fault, upload, app, api, monkeypatch):
    result = api.result()
    with monkeypatch.context() as patch:
        FAULTS[fault][0](patch, app)
        assert upload(api, result).status_int in (503, 507)
    assert upload(api, result).status_int == 201
    assert len(api.files()) == rows(app)["test_artifacts"]


def test_the_whole_batch_is_taken_back_when_the_last_file_cannot_be_published(app, api, monkeypatch):
    result = api.result()
    with monkeypatch.context() as patch:
        failing(errno.EIO, after=2)(patch, "link")
        assert_detail(upload_batch(api, result), 503)
    assert (api.files(), api.staged(), rows(app)["test_artifacts"]) == ([], [], 0)


@pytest.mark.parametrize("upload", [upload_single, upload_batch])
def test_files_wait_for_the_sweep_when_commit_fails(upload, app, api, monkeypatch):
    """Nobody can tell a COMMIT that failed from one whose answer was lost, so the files stay until a sweep has looked."""
    result = api.result()
    before = rows(app)

    def fail(connection):
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    engine = app.registry["engines"].write
    event.listen(engine, "commit", fail)
    assert_detail(upload(api, result), 503)
    event.remove(engine, "commit", fail)
    assert rows(app) == before
    assert api.staged() == []
    swept = sweep.sweep(app.registry["engines"], app.registry["file store"], -1, idempotency_hours=24)
    assert len(swept.orphans) in (1, 3)
    assert api.files() == []


@pytest.mark.parametrize("upload", [upload_single, upload_batch])
def test_files_stay_when_commit_happened_but_its_answer_was_lost(upload, app, api, monkeypatch):
    result = api.result()
    dialect = type(app.registry["engines"].write.dialect)
    commit = dialect.do_commit

    def commit_and_fail(self, connection):
        commit(self, connection)
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    with monkeypatch.context() as patch:
        patch.setattr(dialect, "do_commit", commit_and_fail)
        assert_detail(upload(api, result), 503)
    stored = rows(app)["test_artifacts"]
    assert stored == len(api.files()) > 0
    assert upload(api, result).status_int == 201  # the same Idempotency-Key: the first answer, nothing stored twice
    assert rows(app)["test_artifacts"] == stored == len(api.files())


def test_the_file_stays_when_its_deletion_fails_to_commit(app, api):
    result = api.result()
    artifact = api.upload(result).json["id"]

    def fail(connection):
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    engine = app.registry["engines"].write
    event.listen(engine, "commit", fail)
    assert_detail(api.app.delete(f"{BASE}/artifacts/{artifact}", expect_errors=True), 503)
    event.remove(engine, "commit", fail)
    assert api.app.get(f"{BASE}/artifacts/{artifact}/download").body == png()


def test_a_deletion_succeeds_when_the_file_cannot_be_removed(app, api, monkeypatch, caplog):
    """The rows are gone by then; the file is the sweep's."""
    result = api.result()
    artifact = api.upload(result).json["id"]
    with monkeypatch.context() as patch:
        failing(errno.EIO)(patch, "unlink")
        api.app.delete(f"{BASE}/artifacts/{artifact}", status=204)
    assert rows(app)["test_artifacts"] == 0
    assert [f"left for the sweep: {path}" for path in api.files()] == [record.message for record in caplog.records if record.levelname == "ERROR"]
    sweep.sweep(app.registry["engines"], app.registry["file store"], -1, idempotency_hours=24)
    assert api.files() == []


def test_the_next_commit_takes_nothing_along_when_one_has_failed(app, api):
    """SQLite keeps a failed transaction open; a pool that does not roll it back lets the next request commit it."""
    result = api.result()

    def fail(connection):
        raise OperationalError("COMMIT", {}, Exception("database is locked"))

    engine = app.registry["engines"].write
    event.listen(engine, "commit", fail)
    assert_detail(api.post_steps(result, [step(1)], expect_errors=True), 503)
    event.remove(engine, "commit", fail)
    api.result(name="another")
    assert api.steps(result)["total_steps"] == 0


def upload_batch_again(api, result):
    metadata = [{"file_index": index, "artifact_type": "screenshot", "step_number": 1} for index in range(3)]
    return api.batch(result, [(f"{index}.png", png()) for index in range(3)], metadata)


UPLOAD_AGAIN = {upload_single: lambda api, result: api.upload(result, step_number=1), upload_batch: upload_batch_again}


@pytest.mark.parametrize("upload", UPLOAD_AGAIN)
def test_files_are_taken_back_when_moving_to_another_name_fails(upload, app, api, monkeypatch):
    """The name belongs to a row whose file was lost, and then the disk fails, too."""
    result = api.result()
    upload(api, result)
    for path in api.files():
        (api.storage / path).unlink()
    before = rows(app)
    with monkeypatch.context() as patch:
        failing(errno.ENOSPC, after=1 if upload is upload_single else 3)(patch, "link")
        assert_detail(UPLOAD_AGAIN[upload](api, result), 507)
    assert (rows(app), api.files(), api.staged()) == (before, [], [])
