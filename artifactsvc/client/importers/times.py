"""The tools' times as aware datetimes. A time without an offset is the local time of the machine that imports."""

import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

_ROBOT6 = re.compile(r"(\d{4})(\d\d)(\d\d) (\d\d:\d\d:\d\d(?:\.\d+)?)")


def from_millis(value: Any) -> datetime | None:
    """A number of milliseconds since 1970; anything else is None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=value)
    except OverflowError:
        return None


def from_text(value: Any) -> datetime | None:
    """ISO 8601, or the form of Robot Framework 6 (`20260122 10:00:00.123`); anything else is None."""
    if not isinstance(value, str):
        return None
    try:
        time = datetime.fromisoformat(_ROBOT6.sub(r"\1-\2-\3T\4", value.strip()))
        return time if time.tzinfo else time.astimezone()
    except (ValueError, OverflowError, OSError):
        return None


def millis(value: Any, per_unit: int = 1) -> int | None:
    """A duration in whole milliseconds, from a number or its text; None when it is none or below zero. `per_unit`: 1000 for seconds."""
    try:
        number = float(str(value).replace(",", "")) * per_unit
    except ValueError:
        return None
    return round(number) if math.isfinite(number) and number >= 0 else None


def later(start: datetime | None, duration_ms: int | None) -> datetime | None:
    try:
        return start + timedelta(milliseconds=duration_ms) if start is not None and duration_ms is not None else None
    except OverflowError:
        return None


def between(start: datetime | None, end: datetime | None) -> int | None:
    """Milliseconds from one time to the other; None when one is missing or they are the wrong way round."""
    return millis((end - start).total_seconds(), 1000) if start is not None and end is not None else None
