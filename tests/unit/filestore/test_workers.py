"""Threads that work for the disk: every call is made, every error arrives, no thread is left."""

import gc
import os
import threading
import time

import pytest

from artifactsvc.filestore.workers import Workers, wait_for


@pytest.fixture
def workers():
    workers = Workers(3)
    yield workers
    workers.close()


def alive(workers):
    return [thread for thread in workers._threads if thread.is_alive()]


def test_no_thread_is_started_before_there_is_work(workers):
    assert alive(workers) == []
    wait_for([workers.submit(lambda: None)])
    assert len(alive(workers)) == 3


def test_as_many_calls_run_at_once_as_there_are_threads(workers):
    together = threading.Barrier(3, timeout=20)
    wait_for([workers.submit(together.wait) for _ in range(3)])


def test_threads_are_started_once_when_several_begin_at_once(workers):
    done = []
    callers = [threading.Thread(target=lambda: wait_for([workers.submit(lambda: done.append(1))])) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(20)
    assert (len(done), len(alive(workers))) == (8, 3)


def test_the_first_error_is_raised_when_all_calls_are_done(workers):
    done = []

    def fail(error):
        raise error

    def slow():
        time.sleep(0.2)
        done.append("slow")

    with pytest.raises(OSError, match="first"):
        wait_for([workers.submit(lambda: fail(OSError("first"))), workers.submit(slow), workers.submit(lambda: fail(ValueError("second")))])
    assert done == ["slow"]
    wait_for([workers.submit(lambda: done.append("still there"))])
    assert done == ["slow", "still there"]


def test_calls_are_made_where_threads_may_not_choose_their_cores(workers, monkeypatch):
    def forbidden(*args):
        raise PermissionError("a sandbox")

    monkeypatch.setattr(os, "sched_setaffinity", forbidden)
    done = []
    job = workers.submit(lambda: done.append(1))
    waiting = threading.Thread(target=job.wait, daemon=True)
    waiting.start()
    waiting.join(20)
    assert done == [1]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="a system without affinities")
def test_threads_may_use_all_cores_though_who_starts_them_may_not():
    cores = os.sched_getaffinity(0)
    workers, found = Workers(2), []
    try:
        os.sched_setaffinity(0, {min(cores)})
        wait_for([workers.submit(lambda: found.append(os.sched_getaffinity(0)))])
    finally:
        os.sched_setaffinity(0, cores)
        workers.close()
    assert found == [cores]


def test_what_was_submitted_is_finished_by_close():
    workers, done = Workers(2), []
    for number in range(20):
        workers.submit(lambda number=number: (time.sleep(0.005), done.append(number)))
    workers.close()
    assert sorted(done) == list(range(20))
    assert alive(workers) == []


def test_threads_end_when_nobody_needs_them_any_more():
    workers = Workers(2)

    def task(known=workers):
        assert known  # as the reserve's, which knows its workers

    wait_for([workers.submit(task)])
    threads = workers._threads
    del workers, task
    gc.collect()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
