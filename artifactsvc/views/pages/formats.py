"""Numbers and times as people read them: the templates' filters."""

import re
from datetime import UTC, datetime

from markupsafe import Markup

_FORGE = re.compile(r"(?P<github>https?://[^/?#]+/[^/?#]+/[^/?#]+)/actions/runs/|(?P<gitlab>https?://[^/?#]+(?:/[^/?#]+){2,})/-/(?:jobs|pipelines)/")
_SHA = re.compile("[0-9a-fA-F]{7,64}")


def size(number: int) -> str:
    """Bytes: `23 KB`, `1.4 MB`."""
    value = float(number)
    for unit in ("bytes", "KB", "MB", "GB", "TB"):
        if value < 1024 or unit == "TB":
            return f"{number} bytes" if unit == "bytes" else f"{value:.3g} {unit}" if value < 1000 else f"{value:.0f} {unit}"
        value /= 1024
    raise AssertionError("the last unit always fits")


def duration(milliseconds: int | None) -> str:
    """`350 ms`, `7.12 s`, `18 min 04 s`, `2 h 05 min`; `–` for None."""
    if milliseconds is None:
        return "–"
    if milliseconds < 1000:
        return f"{milliseconds} ms"
    if milliseconds < 60_000:
        return f"{milliseconds / 1000:.2f} s"
    seconds = round(milliseconds / 1000)
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02d} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02d} min"


def number(value: int) -> str:
    """`12 345`, with narrow no-break spaces."""
    return f"{value:,}".replace(",", "\u202f")


def moment(value: datetime | None, style: str = "full") -> Markup:
    """A `<time>` element, with the exact UTC time on hover; app.js turns its text into the reader's zone.

    Parameters: `style`, how app.js writes it: `full` (date and time), `time` (to the millisecond), `age` ("2 h ago").
    """
    if value is None:
        return Markup("–")
    exact = (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)
    return Markup('<time datetime="{}" title="{}" data-style="{}">{}</time>').format(
        exact.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        f"{exact:%Y-%m-%d %H:%M:%S}.{exact.microsecond // 1000:03d} UTC",
        style,
        f"{exact:%H:%M:%S}.{exact.microsecond // 1000:03d}" if style == "time" else f"{exact:%Y-%m-%d %H:%M} UTC",
    )


def web_link(url: str | None) -> str | None:
    """`url` when a browser may be sent there: http or https; None for `javascript:` and everything else."""
    return url if url and url.lower().startswith(("http://", "https://")) and url.isprintable() else None


def commit_link(build_url: str | None, sha: str | None) -> str | None:
    """The page of a commit, where the build's URL tells it: on GitHub (Actions) and GitLab (CI), also self-hosted ones."""
    found = _FORGE.match(web_link(build_url) or "")
    if found is None or sha is None or not _SHA.fullmatch(sha):
        return None
    return f"{found['github']}/commit/{sha}" if found["github"] else f"{found['gitlab']}/-/commit/{sha}"


def percent(part: float, whole: float) -> int:
    """How much `part` is of `whole`, in whole percent, 1 at the least: what is there is seen."""
    return max(1, round(100 * part / whole))


def share(part: float | None, whole: float | None) -> str:
    """How much `part` is of `whole`, in percent with two decimals."""
    return f"{100 * part / whole:.2f}" if part and whole else "0"
