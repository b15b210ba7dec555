"""A picture of the browser at the moment a test failed: from a Selenium driver or a Playwright page among its fixtures."""

from collections.abc import Iterator
from typing import Any

TIMEOUT = 5000  # milliseconds; a page that hangs shall not hold the tests


def take(fixtures: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yields (fixture name, PNG). A browser that is gone has none."""
    taken: list[Any] = []
    for name, value in fixtures.items():
        shoot = _shooter(value)
        if shoot is None or any(value is other for other in taken):
            continue
        taken.append(value)
        try:
            image = shoot()
        except Exception:  # noqa: BLE001, S112 - whatever ails the browser is the test's matter, not ours
            continue
        if isinstance(image, bytes) and image:
            yield name, image


def _shooter(value: Any) -> Any:
    kind = type(value)
    # by names, so that neither package is imported; asking a proxy or a mock for attributes would always succeed
    families = {(base.__module__.partition(".")[0], base.__name__) for base in kind.__mro__}
    if ("selenium", "WebDriver") in families or ("appium", "WebDriver") in families:
        return value.get_screenshot_as_png
    if ("playwright", "Page") in families and "async_api" not in kind.__module__:
        return lambda: value.screenshot(timeout=TIMEOUT)
    return None
