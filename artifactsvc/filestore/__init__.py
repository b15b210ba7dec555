"""The files of the artifacts: staged while they arrive, checked, published under their final name, made durable.

`disk.py` knows the disk, `transaction.py` the transaction, `content.py` and `media_types.py` what is in a file.
"""

from typing import Any

from artifactsvc.filestore.disk import FileStore
from artifactsvc.filestore.staged import StagedFile
from artifactsvc.filestore.transaction import FileTransaction

__all__ = ["FileStore", "FileTransaction", "StagedFile"]


def includeme(config: Any) -> None:
    """Make the store of the settings."""
    settings = config.registry.settings["artifactsvc.settings"]
    config.registry["file store"] = FileStore(settings.storage_path, settings.sync_threads)
