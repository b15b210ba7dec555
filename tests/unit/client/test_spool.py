"""The spool's folders: what a killed process leaves behind."""

import os
import shutil
import uuid

from artifactsvc.client.report import Attachment, ReportTest
from artifactsvc.client.spool import load_test, new_run


def test_a_stored_test_that_is_half_removed_does_not_wait_any_more(tmp_path, monkeypatch):
    run = new_run(tmp_path, "http://localhost", {"id": str(uuid.uuid4()), "name": "run"})
    entry, _ = run.add(ReportTest("key", "test", attachments=[Attachment("a.txt", data=b"a"), Attachment("b.txt", data=b"b")]))
    assert run.waiting() == [entry.folder]
    monkeypatch.setattr(shutil, "rmtree", lambda folder, **options: (folder / "0.txt").unlink())  # killed in the middle of it
    run.mark_done(entry)
    monkeypatch.undo()
    assert run.waiting() == []
    run.tidy()
    assert list(run.tests.iterdir()) == []


def test_two_processes_that_add_the_same_test_do_not_harm_each_other(tmp_path, monkeypatch):
    body = {"id": str(uuid.uuid4()), "name": "run"}
    test = ReportTest("key", "test", attachments=[Attachment("a.txt", data=b"a")])
    first, second = new_run(tmp_path, "http://localhost", body), new_run(tmp_path, "http://localhost", body)
    rename = os.rename

    def overtaken(source, target):
        monkeypatch.undo()
        second.add(test)  # between the look and the rename
        rename(source, target)

    monkeypatch.setattr(os, "rename", overtaken)
    assert first.add(test) == (None, [])
    (folder,) = first.waiting()
    entry = load_test(folder)
    second.mark_done(entry)
    first.mark_done(entry)
    assert list(first.tests.iterdir()) == []
