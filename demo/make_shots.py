"""Makes demo/shots and demo/video.webm anew from the pages in demo/site. Needs Debian's `chromium` and `ffmpeg`; run by hand, as the pictures are kept."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlencode

from PIL import Image
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
from story import SHOTS

HERE = Path(__file__).resolve().parent


def main() -> None:
    shots = HERE / "shots"
    shutil.rmtree(shots, ignore_errors=True)
    shots.mkdir()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 800, "height": 500})
        for name, state in SHOTS.items():
            page.goto(f"{(HERE / 'site' / 'shop.html').as_uri()}?{urlencode(state)}")
            path = shots / f"{name}.png"
            page.screenshot(path=path)
            Image.open(path).convert("RGB").quantize(64).save(path, optimize=True)  # a few KB each
        browser.close()
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(("login", "login_email", "login_password", "login_submit", "login_banner")):
            shutil.copy(shots / f"{name}.png", f"{folder}/{number}.png")
        command = [
            "ffmpeg",
            "-y",
            "-loglevel",
            "error",
            "-framerate",
            "1",
            "-i",
            f"{folder}/%d.png",
            "-vf",
            "scale=640:-2",
            "-r",
            "10",
            "-c:v",
            "libvpx-vp9",
            "-crf",
            "45",
        ]
        subprocess.run([*command, "-b:v", "0", "-pix_fmt", "yuv420p", str(HERE / "video.webm")], check=True)


if __name__ == "__main__":
    main()
