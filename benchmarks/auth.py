"""What credentials cost: each endpoint called with `auth.required` off and on (API token), in turn, in one process.

Prints CPU milliseconds of both and their ratio, medians over the rounds; only the ratio means something on a noisy machine.
"""

import argparse
import os
import statistics
import tempfile
import time
from typing import Any

from requests import Caller, Load, loads

from artifactsvc import make_app
from artifactsvc.security import Role
from artifactsvc.services import credentials, users
from artifactsvc.services.audit import Actor


def token_of(app: Any) -> str:
    """A new uploader's token."""
    me = Actor("(benchmark)")
    with app.registry["engines"].write.begin() as db:
        users.add_user(db, me, "bench", "", Role.UPLOADER, app.registry["passwords"].hash(os.urandom(16).hex()))
        return credentials.create_token(db, me, users.get_user(db, "bench"), "bench", Role.UPLOADER, None)


def cpu(load: Load) -> float:
    _, function, count = load
    function()
    before = time.process_time()
    for _ in range(count):
        function()
    return (time.process_time() - before) / count * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=40, help="requests in one round")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--database", help="the URL of an empty database; SQLite by default")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="artifactsvc-bench-") as folder:
        os.environ["DATABASE_URL"] = args.database or f"sqlite:///{folder}/bench.sqlite"
        os.environ["ARTIFACT_STORAGE_PATH"] = f"{folder}/files"
        off = make_app({"auth.required": "false", "artifactsvc.migrate": "true"})
        on = make_app({"auth.required": "true", "auth.secret": os.urandom(32).hex()})
        callers = (Caller(off), Caller(on, HTTP_AUTHORIZATION=f"Bearer {token_of(on)}"))
        print(f"{'':<28}     off       on   on / off")
        for pair in zip(*(loads(caller, args.count) for caller in callers), strict=True):
            seen = [[cpu(load) for load in pair] for _ in range(args.rounds)]
            one, two = (statistics.median(times) for times in zip(*seen, strict=True))
            print(f"{pair[0][0]:<28} {one:7.2f}  {two:7.2f}   {two / one:7.2f}")


if __name__ == "__main__":
    main()
