"""Files that are opened ahead: whole, counted, and never left behind."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from artifactsvc.filestore import reserve
from artifactsvc.filestore.reserve import Reserve


@pytest.fixture
def tasks():
    """What was submitted, to be run by hand."""
    return []


@pytest.fixture
def files(tmp_path, tasks):
    files = Reserve(str(tmp_path), tasks.append, size=8)
    yield files
    files.close()


def open_files(folder):
    links = [os.path.join("/proc/self/fd", fd) for fd in os.listdir("/proc/self/fd")]
    return [link for link in links if os.path.lexists(link) and os.readlink(link).startswith(str(folder))]


def test_one_is_opened_at_once_when_there_is_none_and_the_others_ahead(files, tasks, tmp_path):
    os.close(files.take())
    assert (open_files(tmp_path), len(tasks)) == ([], 1)
    tasks.pop()()
    assert len(open_files(tmp_path)) == 8
    assert os.listdir(tmp_path) == []


def test_it_is_filled_again_when_half_is_gone_and_once_at_a_time(files, tasks, tmp_path):
    os.close(files.take())
    tasks.pop()()
    for _ in range(4):
        os.close(files.take())
    assert tasks == []
    for _ in range(3):
        os.close(files.take())
    assert len(tasks) == 1
    tasks.pop()()
    assert len(open_files(tmp_path)) == 8


def test_nobody_gets_the_same_file_twice_when_many_take(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        files = Reserve(str(tmp_path), pool.submit, size=8)
        taken = list(pool.map(lambda _: files.take(), range(400)))
    assert len({os.fstat(fd).st_ino for fd in taken}) == 400
    for fd in taken:
        os.close(fd)
    files.close()
    assert open_files(tmp_path) == []


def test_the_error_is_told_to_who_takes_when_none_can_be_opened(files, tasks, monkeypatch):
    def fail(folder):
        raise OSError(errno.ENOSPC, "full")

    os.close(files.take())
    with monkeypatch.context() as patch:
        patch.setattr(reserve, "open_nameless", fail)
        tasks.pop()()
        with pytest.raises(OSError, match="full"):
            files.take()
    os.close(files.take())
    assert len(tasks) == 1, "it is filled again after a failure"


def test_all_are_closed_when_the_reserve_goes(tmp_path, tasks):
    files = Reserve(str(tmp_path), tasks.append, size=8)
    os.close(files.take())
    tasks.pop()()
    assert len(open_files(tmp_path)) == 8
    del files
    assert open_files(tmp_path) == []


def test_nothing_is_lost_when_nobody_can_fill_it(tmp_path):
    submitted = []

    def submit(task):
        submitted.append(task)
        if len(submitted) == 1:
            raise RuntimeError("can't start new thread")

    files = Reserve(str(tmp_path), submit, size=8)
    with pytest.raises(RuntimeError, match="new thread"):
        files.take()
    assert open_files(tmp_path) == []
    os.close(files.take())
    submitted[1]()
    assert len(open_files(tmp_path)) == 8, "it is filled again after a failure"
    files.close()
