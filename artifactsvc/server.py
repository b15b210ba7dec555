"""waitress, set up for large uploads: `[server:main] use = egg:artifactsvc` in the ini file.

Takes every setting of waitress; what stands in DEFAULTS is what waitress's own defaults get wrong for this service.
"""

import ctypes
import gc
import logging
import os
import resource
import signal
import tempfile
import threading
import time
from ipaddress import ip_address
from types import FrameType
from typing import Any

import waitress
from pyramid.settings import asbool
from waitress import wasyncore
from waitress.server import BaseWSGIServer

from artifactsvc import indexer
from artifactsvc.connections import Connection

log = logging.getLogger(__name__)

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h

DEFAULTS = {
    "threads": 4,  # more only fight for the interpreter lock; waitress does the waiting for slow clients
    "connection_limit": 1000,  # 100 slow clients are an outage otherwise
    "channel_request_lookahead": 0,
    "recv_bytes": 262144,
    "inbuf_overflow": 4194304,  # a usual report stays in memory; a larger body goes through a temporary file
    "max_request_header_size": 65536,
    "ident": "",
}


def serve(app: Any, global_conf: dict[str, str] | None, **kw: Any) -> int:
    """Serve until SIGTERM or SIGINT; what has begun to arrive by then is answered first.

    Parameters: `kw`, the settings of waitress, and `shutdown_timeout`, the seconds that answering may take.
    """
    settings = app.registry.settings["artifactsvc.settings"]
    options = {**DEFAULTS, "max_request_body_size": settings.max_batch_size, **kw}
    timeout = float(options.pop("shutdown_timeout", 20))
    if global_conf and "http_port" in global_conf:  # pserve development.ini http_port=9000
        options["port"] = global_conf["http_port"]
    if not settings.auth_required:
        require_loopback(options)
    # waitress spools bodies to temporary files: on the disk that will hold them, not on a /tmp that may be memory
    tempfile.tempdir = app.registry["file store"].staging
    raise_file_limit()
    BaseWSGIServer.channel_class = Connection
    calm_collector()
    keep_freed_memory()
    log_lightly()
    if asbool(options.pop("one_core", True)):
        stay_on_one_core()
    sockets: dict[int, Any] = {}
    server = waitress.create_server(app, map=sockets, **options)
    server.print_listen("artifactsvc serves on http://{}:{}")
    stop_indexing = indexer.start(app.registry["engines"])
    run(server, sockets, timeout)
    stop_indexing.set()
    app.registry["file store"].close()
    return 0


def require_loopback(options: dict[str, Any]) -> None:
    """With `auth.required = false` everybody may do everything: nobody else may reach the server. Ends the process with one line."""
    if options.get("unix_socket"):
        return
    listen = str(options.get("listen") or options.get("host", "0.0.0.0"))  # noqa: S104 - waitress's default
    for place in listen.split():
        host = place.rpartition(":")[0] if options.get("listen") else place
        try:
            is_loopback = ip_address(host.strip("[]")).is_loopback
        except ValueError:
            is_loopback = host == "localhost"
        if not is_loopback:
            raise SystemExit(f"artifactsvc: auth.required = false lets everybody in, so it serves on 127.0.0.1 only, not on {place}")


def run(server: Any, sockets: dict[int, Any], timeout: float) -> None:
    """waitress's loop, with an end: no new connections, finish what is under way, then stop."""
    stopping = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()  # the loop looks at least once a second

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while not stopping.is_set():
        wasyncore.poll2(1, sockets)
    log.info("stopping; finishing what is under way")
    for listener in [item for item in sockets.values() if isinstance(item, BaseWSGIServer)]:
        wasyncore.dispatcher.close(listener)
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline and any(is_busy(item) for item in list(sockets.values())):
        wasyncore.poll2(0.05, sockets)
    server.task_dispatcher.shutdown()


def is_busy(item: Any) -> bool:
    """A connection with a request that is arriving, being answered, or whose answer is being sent."""
    return isinstance(item, Connection) and bool(item.request is not None or item.requests or item.total_outbufs_len)


def raise_file_limit() -> None:
    """A batch holds fifty open files, a connection one; the usual 1024 are soon gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65536 if hard == resource.RLIM_INFINITY else min(65536, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def calm_collector() -> None:
    """What was loaded at the start stays for ever; looking through it for garbage takes a tenth of every request."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def keep_freed_memory() -> None:
    """Up to 16 MB of it, for the next body (mallopt(3)): glibc gives it back after each one, and the kernel clears every page anew.

    That took a tenth of the time of a batch. Nothing changes where the C library is another one.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_TRIM_THRESHOLD, 2**24)
        mallopt(_M_MMAP_THRESHOLD, 2**20)  # above what is read from a socket at once; setting the one stops glibc from adapting the other


def log_lightly() -> None:
    """No caller, thread or process in log records (logging HOWTO, "Optimization"): our format names none of them."""
    logging._srcfile = None  # type: ignore[attr-defined]
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False


def stay_on_one_core() -> None:
    """Keep this thread, and those it starts, on one core.

    The interpreter lock lets one of them run at a time; on several cores it is handed from cache to cache instead, and a read
    takes half as long again (docs/performance.md). What waits for the disk or computes without the lock may go elsewhere.
    """
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})
