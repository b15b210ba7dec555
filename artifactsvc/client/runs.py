"""What a run is called, and its id."""

import uuid
from datetime import UTC, datetime
from typing import Any


def new_run_body(run_key: str | None, **facts: Any) -> dict[str, Any]:
    """The body of a run's POST. `run_key`: words that name the run, so that several uploads meet in it; None for a run of its own."""
    body = {name: value for name, value in facts.items() if value}
    body["id"] = run_id_of(run_key)
    body.setdefault("name", f"Tests of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    body.setdefault("started_at", datetime.now(UTC).isoformat(timespec="milliseconds"))
    return body


def run_id_of(run_key: str | None) -> str:
    """A UUID as it is; other words become one, always the same."""
    if run_key is None:
        return str(uuid.uuid4())
    try:
        return str(uuid.UUID(run_key))
    except ValueError:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, "artifactsvc:run:" + run_key))
