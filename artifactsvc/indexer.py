"""The thread that keeps the index of the search up to date, out of the uploads' way: at most a tenth of the time."""

import logging
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from artifactsvc.models.engines import Engines
from artifactsvc.services.search_index import index_pending

log = logging.getLogger(__name__)

PAUSE = 5  # seconds, when there is nothing to do
REST = 9  # times as long as the work took


def start(engines: Engines) -> threading.Event:
    """Start it; set the event that comes back, and it stops."""
    stopping = threading.Event()
    threading.Thread(target=_work, args=(engines, stopping), name="indexer", daemon=True).start()
    return stopping


def _work(engines: Engines, stopping: threading.Event) -> None:
    pause: float = PAUSE
    while not stopping.wait(pause):
        began = time.monotonic()
        try:
            done = index_pending(engines.write)
        except SQLAlchemyError as error:  # the database is away or full: the notes wait
            log.warning("the search index waits: %s", str(error).splitlines()[0])
            done = 0
        pause = (time.monotonic() - began) * REST if done else PAUSE
