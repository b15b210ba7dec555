"""Search over many steps: fills an empty database, indexes it, and prints milliseconds of each kind of query.

`python benchmarks/search.py --steps 1000000 [--database postgresql://…]`; SQLite in a temporary folder by default.
"""

import argparse
import random
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from artifactsvc import migrations
from artifactsvc.identifiers import new_id
from artifactsvc.models.engines import make_engines
from artifactsvc.services.search import search
from artifactsvc.services.search_index import RESULTS, STEPS, index_pending

PER_RESULT = 10
TRACE = "Traceback (most recent call last):\n" + "".join(
    f'  File "tests/page_{n}.py", line {n * 7}, in step_{n}\n    page.click("#save-{n}")\n' for n in range(8)
)
QUERIES = {
    "a rare word": "needle-4711", "a frequent word": "navigate", "part of a word": "ckout", "two words": "basket failing", "nothing found": "xyzzyplugh",
    "nothing, of common parts": "checkbasket", "a word of old results only": "oldest-thing",
}  # fmt: skip


def fill(engine: Any, count: int) -> None:
    rng = random.Random(1)
    start = datetime.now(UTC) - timedelta(days=90)
    pages = ["basket", "checkout", "login", "orders", "profile", "search", "settings", "invoice"]
    for first in range(0, count, 1000):
        results, steps = [], []
        for number in range(first, first + 1000):
            moment = start + timedelta(seconds=number * 60)
            name = f"test_{rng.choice(pages)}_{number % 500}"
            failed = number % 10 == 0
            results.append(
                {"id": new_id(), "name": name, "full_name": f"tests/test_shop.py::{name}", "status": "Failed" if failed else "Passed", "created_at": moment}
            )
            for step in range(1, PER_RESULT + 1):
                page = rng.choice(pages)
                extra = f" needle-{number}" if step == 5 else " oldest-thing" if number < 50 else ""
                error = {"error_type": "TimeoutError", "error_message": f"{page} failing after {rng.random():.4f} s", "stack_trace": TRACE}
                shown = error if failed and step == PER_RESULT else dict.fromkeys(error)
                steps.append({
                    "id": new_id(), "test_case_result_id": results[-1]["id"], "step_number": step, "step_type": "click",
                    "status": "Passed", "created_at": moment,
                    "action": f"Navigate to {page}", "description": f"Open the {page} and press button {rng.randrange(10**6)}{extra}",
                    "element_selector": f"#{page} > button.save-{rng.randrange(100)}", **shown,
                })  # fmt: skip
        with engine.begin() as db:
            db.execute(RESULTS.insert(), results)
            db.execute(STEPS.insert(), steps)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=1_000_000)
    parser.add_argument("--database", help="the URL of an empty database")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="artifactsvc-search-") as folder:
        path = Path(folder) / "search.sqlite"
        engines = make_engines(args.database or f"sqlite:///{path}", 2, 30)
        migrations.upgrade(engines.write)
        began = time.perf_counter()
        fill(engines.write, args.steps // PER_RESULT)
        print(f"{args.steps} steps stored in {time.perf_counter() - began:.0f} s")
        began, done, longest = time.perf_counter(), 0, 0.0
        while True:
            batch = time.perf_counter()
            count = index_pending(engines.write, calm=-1)
            longest = max(longest, time.perf_counter() - batch)
            done += count
            if not count:
                break
        spent = time.perf_counter() - began
        print(f"{done} notes indexed in {spent:.0f} s, {spent / done * 1e3:.2f} ms each, a batch of 20 at most {longest * 1e3:.0f} ms")
        with engines.read.connect() as db:
            for name, query in QUERIES.items():
                for page, before in enumerate(pages_of(db, query)):
                    times = [timed(db, query, before) for _ in range(5)]
                    found = search(db, query, before)
                    label = name if not page else f"  {name}, page 10"
                    print(f"{label:<36} {statistics.median(times) * 1e3:8.1f} ms  {len(found.hits)} hits{' (unfinished)' if found.unfinished else ''}")
        engines.dispose()


def pages_of(db: Any, query: str) -> list[int | None]:
    """Where the first page begins and, if there is one, the tenth."""
    before = None
    for _ in range(9):
        before = search(db, query, before).before
        if before is None:
            return [None]
    return [None, before]


def timed(db: Any, query: str, before: int | None) -> float:
    began = time.perf_counter()
    search(db, query, before)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
