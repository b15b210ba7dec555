"""The disk itself: both ways of staging, names that are taken, folders that come and go, faults."""

import errno
import hashlib
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from artifactsvc.exceptions import NotFoundError, SettingsError, StorageFullError, UnavailableError
from artifactsvc.filestore import disk
from artifactsvc.filestore.disk import FileStore
from artifactsvc.filestore.staged import StagedFile

FOLDER = "2026/11/22/00000000-0000-7000-8000-000000000000"


@pytest.fixture(params=["nameless", "named"])
def store(request, tmp_path):
    store = FileStore(tmp_path / "store")
    assert store._nameless
    store.write_flags = store.write_flags or os.RWF_SYNC
    if request.param == "named":
        store.use_names()
    return store


def put(store, data=b"data", stem="step_001", folder=FOLDER):
    with store.stage() as staged:
        staged.write(data)
        path = store.publish(staged, folder, stem, ".png")
        store.sync([(staged, path)])
    return path


def read(store, path):
    with store.open(path) as file:
        return file.read()


def staging(store):
    return os.listdir(store.staging)


def test_staged_file_counts_and_hashes_when_written(store):
    with store.stage() as staged:
        staged.write(b"ab")
        staged.write(b"")
        staged.write(b"c")
        assert (staged.size, staged.checksum) == (3, hashlib.sha256(b"abc").hexdigest())


def test_published_file_reads_back_when_synced(store):
    path = put(store, b"x" * 100_000)
    assert path == f"{FOLDER}/step_001.png"
    assert read(store, path) == b"x" * 100_000
    assert staging(store) == []


def test_nothing_stays_when_a_staged_file_is_discarded(store):
    staged = store.stage()
    staged.write(b"x")
    staged.discard()
    staged.discard()
    assert staging(store) == []


def test_discard_keeps_the_published_file_when_it_comes_after(store):
    staged = store.stage()
    staged.write(b"x")
    path = store.publish(staged, FOLDER, "a", ".png")
    store.sync([(staged, path)])
    staged.discard()
    assert read(store, path) == b"x"


def test_a_screenshot_waits_in_memory_until_it_is_synced(store):
    with store.stage() as staged:
        staged.write(b"a" * StagedFile.HELD)
        assert os.fstat(staged.fd).st_size == 0
        store.sync_contents([staged])
        assert os.fstat(staged.fd).st_size == StagedFile.HELD
        assert staged.held == 0


def test_a_large_file_does_not_wait_in_memory(store):
    with store.stage() as staged:
        for _ in range(40):
            staged.write(b"a" * 2**18)
            assert staged.held <= StagedFile.HELD
        assert os.fstat(staged.fd).st_size >= 40 * 2**18 - StagedFile.HELD
        assert staged.checksum == hashlib.sha256(b"a" * 40 * 2**18).hexdigest()


def test_batches_do_not_wait_for_the_disk_of_each_other(tmp_path, monkeypatch):
    store = FileStore(tmp_path / "store", sync_threads=2)
    together = threading.Barrier(8, timeout=20)  # four batches, two files of each
    monkeypatch.setattr(os, "fsync", lambda fd: together.wait())
    batches = [[store.stage(), store.stage()] for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(store.sync_contents, batches))
    for batch in batches:
        for staged in batch:
            staged.discard()


def test_many_files_are_synced_by_all_threads(store, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append((threading.current_thread().name, fd)))
    files = [store.stage() for _ in range(5)]
    store.sync_contents(files)
    assert sorted(fd for _, fd in synced) == sorted(staged.fd for staged in files)
    assert all(name.startswith("disk-") for name, _ in synced)
    for staged in files:
        staged.discard()


def test_names_get_suffixes_when_they_are_taken(store):
    names = [os.path.basename(put(store, str(number).encode())) for number in range(6)]
    assert names == ["step_001.png", *(f"step_001_{number}.png" for number in range(2, 7))]
    assert [read(store, f"{FOLDER}/{name}") for name in names] == [str(number).encode() for number in range(6)]


def test_free_name_is_found_quickly_when_hundreds_are_taken(store):
    folder = os.path.join(store.root, FOLDER)
    os.makedirs(folder)
    for name in ("a.png", *(f"a_{number}.png" for number in range(2, 301))):
        open(os.path.join(folder, name), "w").close()
    assert put(store, stem="a") == f"{FOLDER}/a_301.png"


def test_a_name_that_is_taken_is_never_overwritten_when_there_are_gaps(store):
    folder = os.path.join(store.root, FOLDER)
    os.makedirs(folder)
    taken = [f"a{suffix}.png" for suffix in ("", "_2", "_4", "_5", "_9")]
    for name in taken:
        with open(os.path.join(folder, name), "w") as file:
            file.write("old")
    new = [os.path.basename(put(store, b"new", "a")) for _ in range(8)]
    assert len(set(new) | set(taken)) == 13
    assert all(read(store, f"{FOLDER}/{name}") == b"old" for name in taken)


@pytest.mark.parametrize("kind", ["file", "folder", "dangling symlink"])
def test_next_name_is_taken_when_something_else_has_it(store, kind):
    target = os.path.join(store.root, FOLDER, "a.png")
    os.makedirs(os.path.dirname(target))
    {"file": lambda: open(target, "w").close(), "folder": lambda: os.mkdir(target), "dangling symlink": lambda: os.symlink("nowhere", target)}[kind]()
    assert put(store, stem="a") == f"{FOLDER}/a_2.png"
    assert not os.path.exists(os.path.join(os.path.dirname(target), "nowhere"))


def test_folders_are_made_when_missing_and_removed_when_empty(store):
    first, second = put(store), put(store, folder=FOLDER + "/iteration_002")
    store.remove(first)
    assert os.path.isfile(os.path.join(store.root, second))
    store.remove(second)
    assert os.listdir(store.root) == [".tmp"]
    assert put(store) == first


def test_remove_is_quiet_when_the_file_is_gone(store):
    path = put(store)
    store.remove(path)
    store.remove(path)


def test_publish_makes_the_folder_again_when_it_was_just_removed(store):
    store.remove(put(store))
    assert read(store, put(store)) == b"data"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "..",
        "../../etc/passwd",
        "/etc/passwd",
        "2026/11/22/../../../x.png",
        "2026/11/22/a/../b.png",
        ".tmp/x.part",
        "2026/11/22/a/b.png\n",
        "2026/11/22/a/b\0.png",
        "2026/11/22/a/B.png",
    ],
)
def test_path_is_refused_when_the_store_never_gives_out_such(store, path):
    with pytest.raises(NotFoundError):
        store.open(path)
    with pytest.raises(NotFoundError):
        store.locate(path)


def plant(kind, target):
    if kind == "symlink":
        os.symlink("/etc/passwd", target)
    elif kind == "loop":
        os.symlink(target, target)
    elif kind == "folder":
        os.mkdir(target)
    elif kind == "fifo":
        os.mkfifo(target)


@pytest.mark.parametrize("kind", ["nothing", "symlink", "loop", "folder", "fifo"])
def test_open_finds_nothing_when_there_is_no_regular_file(store, kind):
    os.makedirs(os.path.join(store.root, FOLDER))
    plant(kind, os.path.join(store.root, FOLDER, "a.png"))
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(NotFoundError):
        store.open(f"{FOLDER}/a.png")
    assert len(os.listdir("/proc/self/fd")) == before


def test_walk_lists_what_was_published_and_nothing_else(store):
    path = put(store)
    for stranger in ("README", "lost+found", "2026/notes.txt"):
        open(os.path.join(store.root, stranger), "w").close()
    with store.stage() as staged:
        staged.write(b"x")
        assert [found for found, _ in store.walk()] == [path]
        assert len(list(store.walk_staging())) == (0 if store._nameless else 1)


def fail(code):
    def function(*args, **kw):
        raise OSError(code, os.strerror(code))

    return function


@pytest.mark.parametrize(
    ("code", "error"), [(errno.ENOSPC, StorageFullError), (errno.EDQUOT, StorageFullError), (errno.EFBIG, StorageFullError), (errno.EIO, UnavailableError)]
)
@pytest.mark.parametrize(
    ("function", "size"),
    [("open", 4), ("pwritev", 4), ("write", StagedFile.HELD + 1), ("fsync", StagedFile.HELD + 1), ("link", 4), ("makedirs", 4)],
)
def test_domain_error_is_raised_when_the_disk_fails(store, monkeypatch, function, size, code, error):
    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail(code))
        with pytest.raises(UnavailableError) as caught:
            put(store, b"x" * size)
    assert type(caught.value) is error
    assert staging(store) == []


def test_whole_file_is_written_when_the_disk_takes_it_in_parts(store, monkeypatch):
    write, pwritev, fsync, calls = os.write, os.pwritev, os.fsync, []
    monkeypatch.setattr(os, "pwritev", lambda fd, pieces, *rest: calls.append("pwritev") or pwritev(fd, [pieces[0][:3]], *rest))
    monkeypatch.setattr(os, "write", lambda fd, data: calls.append("write") or write(fd, data[:4]))
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append("fsync") or fsync(fd))
    assert read(store, put(store, b"0123456789")) == b"0123456789"
    assert [call for call in calls if call != "fsync"] == ["pwritev", "write", "write", "write"]
    assert "fsync" in calls[4:]


def test_files_are_written_and_synced_in_two_calls_when_the_system_cannot_do_it_in_one(store, monkeypatch):
    store.write_flags = 0
    calls, write, fsync = [], os.write, os.fsync
    monkeypatch.setattr(os, "write", lambda fd, data: calls.append("write") or write(fd, data))
    monkeypatch.setattr(os, "fsync", lambda fd: calls.append(os.fstat(fd).st_ino) or fsync(fd))
    with store.stage() as staged:
        staged.write(b"data")
        store.sync_contents([staged])
        assert calls == ["write", os.fstat(staged.fd).st_ino]
        assert staged.checksum == hashlib.sha256(b"data").hexdigest()


@pytest.mark.parametrize("flags", [os.RWF_SYNC, 0, None])
@pytest.mark.parametrize("length", [StagedFile.HELD - 1, StagedFile.HELD, 1_400_000])
def test_bytes_and_checksum_are_what_was_written_however_much_of_it_waited_in_memory(store, length, flags):
    store.write_flags = store.write_flags if flags is None else flags
    data = os.urandom(length)
    with store.stage() as staged:
        for start in range(0, length, 200_000):
            staged.write(data[start : start + 200_000])
        path = store.publish(staged, FOLDER, "a", ".bin")
        store.sync([(staged, path)])
        assert staged.checksum == hashlib.sha256(data).hexdigest()
    assert read(store, path) == data


@pytest.mark.parametrize("function", ["pwritev", "fsync"])
def test_an_error_holds_none_of_the_bytes(store, monkeypatch, function):
    """Errors are in cycles with their tracebacks, and the collector comes late."""
    store.write_flags = os.RWF_SYNC if function == "pwritev" else 0
    piece = os.urandom(1000)
    holders = sys.getrefcount(piece)
    monkeypatch.setattr(os, function, fail(errno.ENOSPC))
    with store.stage() as staged:
        staged.write(piece)
        assert sys.getrefcount(piece) == holders + 1
        with pytest.raises(StorageFullError) as caught:
            store.sync_contents([staged])
        assert sys.getrefcount(piece) == holders
        assert caught.traceback


def test_a_file_of_very_many_pieces_is_stored(store):
    with store.stage() as staged:
        for number in range(3000):
            staged.write(b"%04d" % number)
        path = store.publish(staged, FOLDER, "a", ".txt")
        store.sync([(staged, path)])
    assert read(store, path) == b"".join(b"%04d" % number for number in range(3000))


def test_the_bytes_of_a_file_in_memory_are_made_durable_by_the_call_that_writes_them(store, monkeypatch):
    flags, pwritev = [], os.pwritev
    monkeypatch.setattr(os, "pwritev", lambda *args: flags.append(args[3]) or pwritev(*args))
    monkeypatch.setattr(os, "write", fail(errno.EIO))
    assert read(store, put(store)) == b"data"
    assert [given & os.RWF_SYNC for given in flags] == [os.RWF_SYNC]


def test_workers_have_finished_when_a_folder_cannot_be_synced(store, monkeypatch):
    """Whoever cleans up closes the files, and their numbers are given to others."""
    written, pwritev = [], os.pwritev

    def slow(*args):
        time.sleep(0.2)
        written.append(pwritev(*args))
        return written[-1]

    monkeypatch.setattr(os, "pwritev", slow)
    monkeypatch.setattr(disk, "sync_folder", fail(errno.EIO))
    files = []
    for _ in range(4):
        staged = store.stage()
        staged.write(b"data")
        files.append((staged, store.publish(staged, FOLDER, "a", ".png")))
    with pytest.raises(UnavailableError):
        store.sync(files)
    assert written == [4] * 4
    for staged, _ in files:
        staged.discard()


@pytest.mark.parametrize(("code", "error"), [(errno.EIO, UnavailableError), (errno.EACCES, UnavailableError), (errno.ENOTDIR, NotFoundError)])
def test_open_tells_a_failing_disk_from_a_missing_file_when_it_fails(store, monkeypatch, code, error):
    path = put(store)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", fail(code))
        with pytest.raises(error):
            store.open(path)


def test_all_folders_are_synced_again_when_another_process_removed_them(tmp_path, monkeypatch):
    ours, theirs = FileStore(tmp_path / "store"), FileStore(tmp_path / "store")
    paths = [put(ours), put(ours, folder=FOLDER + "/iteration_002")]
    for path in paths:
        theirs.remove(path)
    assert os.listdir(ours.root) == [".tmp"]
    synced, sync_folder = [], disk.sync_folder
    monkeypatch.setattr(disk, "sync_folder", lambda path: synced.append(os.path.relpath(path, ours.root)) or sync_folder(path))
    put(ours, folder=FOLDER + "/iteration_002")
    assert synced == [FOLDER + "/iteration_002", FOLDER, "2026/11/22", "2026/11", "2026", "."]


def test_every_file_and_folder_is_synced_once_when_a_batch_is(store, monkeypatch):
    files = []
    for number in range(5):
        staged = store.stage()
        staged.write(b"%d" % number)
        files.append((staged, store.publish(staged, FOLDER, "a", ".png")))
    synced, fsync, pwritev = [], os.fsync, os.pwritev
    monkeypatch.setattr(os, "fsync", lambda fd: (synced.append(os.fstat(fd).st_ino), fsync(fd)))
    monkeypatch.setattr(os, "pwritev", lambda fd, pieces, offset, flags: synced.append(os.fstat(fd).st_ino) or pwritev(fd, pieces, offset, flags))
    store.sync(files)
    for staged, _ in files:
        staged.discard()
    assert len(synced) == len(set(synced)) == 5 + len(FOLDER.split("/")) + 1  # the files, their folders, the root


def test_named_files_are_used_when_the_file_system_has_no_nameless_ones(tmp_path, monkeypatch):
    real = os.open

    def no_tmpfile(path, flags, *args, **kw):
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not supported")
        return real(path, flags, *args, **kw)

    monkeypatch.setattr(os, "open", no_tmpfile)
    store = FileStore(tmp_path / "store")
    assert not store._nameless
    with store.stage() as staged:
        assert [os.path.basename(staged.path)] == staging(store)
    assert read(store, put(store)) == b"data"


@pytest.mark.parametrize("function", ["makedirs", "open", "write", "fsync", "link"])
@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_start_is_refused_in_one_line_when_the_folder_is_not_usable(tmp_path, monkeypatch, function, code):
    with monkeypatch.context() as patch:
        patch.setattr(os, function, fail(code))
        with pytest.raises(SettingsError, match=r"^setting artifact\.storage_path: cannot store files in .*store: .+$"):
            FileStore(tmp_path / "store")


def test_start_is_refused_when_the_folder_is_a_file(tmp_path):
    (tmp_path / "store").write_text("")
    with pytest.raises(SettingsError, match=r"artifact\.storage_path"):
        FileStore(tmp_path / "store")


def test_start_is_refused_when_staging_is_on_another_file_system(tmp_path, monkeypatch):
    real = os.stat
    monkeypatch.setattr(os, "stat", lambda path, *args, **kw: SimpleNamespace(st_dev=7) if str(path).endswith(".tmp") else real(path, *args, **kw))
    with pytest.raises(SettingsError, match="one file system"):
        FileStore(tmp_path / "store")


def test_start_leaves_no_trace_when_it_proves_the_folder(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    store = FileStore(tmp_path / "store")
    assert staging(store) == []
    assert len(os.listdir("/proc/self/fd")) <= before + 1
