"""Makes the README's pictures anew from a server that `make demo` has filled. Needs Debian's `chromium`.

make demo                      # in one terminal
.venv/bin/python demo/make_pictures.py
"""

import argparse
import shutil
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

PICTURES = Path(__file__).resolve().parent.parent / "docs" / "pictures"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    url = parser.parse_args().url
    PICTURES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(base_url=url, viewport={"width": 1366, "height": 768})
        page.goto("/")
        take(page, "runs")
        page.get_by_role("link", name="Nightly web #1842").click()
        take(page, "run")
        page.emulate_media(color_scheme="dark")
        page.locator(".suite").get_by_role("link", name="test_login[chrome]").click()
        page.locator("#step .shot img").first.evaluate("image => image.decode()")
        take(page, "result")
        browser.close()


def take(page: object, name: str) -> None:
    path = PICTURES / f"{name}.png"
    page.wait_for_load_state("networkidle")  # type: ignore[attr-defined]
    page.screenshot(path=path)  # type: ignore[attr-defined]
    Image.open(path).convert("RGB").quantize(128).save(path, optimize=True)


if __name__ == "__main__":
    main()
