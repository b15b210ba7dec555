"""The server as a process of its own."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


class LiveServer:
    def __init__(self, port: int, environ: dict[str, str], log: Path, ini: str = "development.ini") -> None:
        self.port = port
        self.environ = environ
        self.log = log
        self.ini = ini
        self.url = f"http://127.0.0.1:{port}"
        self.api = self.url + "/api/v1/reports"

    def start(self) -> None:
        command = [str(Path(sys.executable).parent / "pserve"), self.ini, f"http_port={self.port}"]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **self.environ}, stdout=log, stderr=log)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.05)
        raise AssertionError(f"the server did not come up: {self.log.read_text()}")

    def kill(self) -> None:
        """SIGKILL: nothing is tidied up."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
