"""What a request holds in memory; what a transaction does to the store is in tests/test_transactions.py."""

import os

import pytest
from transaction import TransactionManager

from artifactsvc.filestore.disk import FileStore
from artifactsvc.filestore.staged import StagedFile
from artifactsvc.filestore.transaction import MOST_HELD, FileTransaction


@pytest.fixture
def manager():
    manager = TransactionManager(explicit=True)
    manager.begin()
    yield manager
    manager.abort()


def test_a_batch_of_many_files_does_not_wait_in_memory(manager, tmp_path):
    files = FileTransaction(FileStore(tmp_path / "files"), manager)
    staged = []
    for _ in range(20):
        staged.append(files.stage())
        staged[-1].write(b"a" * StagedFile.HELD)
        assert sum(file.held for file in staged) <= MOST_HELD + StagedFile.HELD
    files.sync_staged()
    assert [os.fstat(file.fd).st_size for file in staged] == [StagedFile.HELD] * 20
    assert len({file.checksum for file in staged}) == 1


def test_what_was_refused_is_not_held(manager, tmp_path):
    files = FileTransaction(FileStore(tmp_path / "files"), manager)
    for _ in range(10):
        refused = files.stage()
        refused.write(b"a" * StagedFile.HELD)
        refused.discard()
        assert refused.held == 0
    good = files.stage()
    good.write(b"good")
    files.sync_staged()
    assert os.fstat(good.fd).st_size == 4
