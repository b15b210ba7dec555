"""/artifacts/{id}/thumbnail: a small picture, or a symbol that says why there is none."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from artifactsvc.cli import cli
from tests.api import UNKNOWN, png


@pytest.fixture
def cache(ini):
    folder = Path(ini["artifact.thumbnail_path"])
    return lambda: sorted(path.name for path in folder.rglob("*") if path.is_file())


def thumbnail(api, *args, headers=None, status=200, **fields):
    artifact = api.upload(api.result(), *args, **fields).json["id"]
    return artifact, api.app.get(f"/artifacts/{artifact}/thumbnail", headers=headers, status=status)


def test_screenshot_has_a_small_picture_that_browsers_keep(api, cache):
    artifact, response = thumbnail(api, png(800))
    assert response.content_type == "image/webp"
    with Image.open(io.BytesIO(response.body)) as image:
        assert image.size == (400, 400)
    assert response.headers["Cache-Control"].startswith("private, max-age=")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Length"] == str(len(response.body))
    assert cache() == [f"{artifact}-400.webp"]
    again = api.app.get(f"/artifacts/{artifact}/thumbnail", headers={"If-None-Match": response.headers["ETag"]}, status=304)
    assert again.body == b""
    assert again.headers["Cache-Control"] == response.headers["Cache-Control"]
    assert api.app.get(f"/artifacts/{artifact}/thumbnail", headers={"If-None-Match": '"other"'}).body == response.body
    head = api.app.head(f"/artifacts/{artifact}/thumbnail")
    assert head.headers["ETag"] == response.headers["ETag"]


def test_nothing_of_it_is_in_the_store(api):
    thumbnail(api, png(800))
    assert [name.rpartition(".")[2] for name in api.files()] == ["png"]


@pytest.mark.ini(**{"artifact.thumbnail_size": "50", "artifact.thumbnail_pixels": "10000"})
def test_settings_say_how_large_and_of_what(api):
    _, response = thumbnail(api, png(100))
    with Image.open(io.BytesIO(response.body)) as image:
        assert image.width == 50
    _, response = thumbnail(api, png(101))
    assert response.content_type == "image/svg+xml"


@pytest.mark.parametrize(
    ("data", "name", "mime", "label"),
    [
        (b"text", "a.log", "text/plain", "log"),
        (b"{}", "a.json", "application/json", "JSON"),
        (b"{}", "a.har", "application/json", "HAR"),
        (b"<script>alert(1)</script>", "a.html", "text/html", "HTML"),
    ],
)
def test_other_files_have_a_symbol(api, cache, data, name, mime, label):
    _, response = thumbnail(api, data, name, mime, artifact_type="other")
    assert response.content_type == "image/svg+xml"
    assert f">{label}</text>" in response.text
    assert response.headers["Cache-Control"] == "private, max-age=60"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert "ETag" not in response.headers
    assert cache() == []


def test_broken_picture_has_a_symbol(api):
    """The upload looks at the frame of a picture, not at its pixels."""
    broken = bytearray(png(500))
    at = broken.index(b"IDAT") + 6
    broken[at : at + 4] = b"\xff\xff\xff\xff"
    length = struct.unpack(">I", broken[at - 10 : at - 6])[0]
    broken[at - 2 + length : at + 2 + length] = struct.pack(">I", zlib.crc32(broken[at - 6 : at - 2 + length]))
    _, response = thumbnail(api, bytes(broken))
    assert response.content_type == "image/svg+xml"
    assert "no preview" in response.text


def test_picture_whose_file_is_gone_has_a_symbol(api):
    artifact = api.upload(api.result()).json["id"]
    (api.storage / api.files()[0]).unlink()
    assert api.app.get(f"/artifacts/{artifact}/thumbnail").content_type == "image/svg+xml"


def test_thumbnail_is_not_found_when_the_artifact_is_not(api):
    assert api.app.get(f"/artifacts/{UNKNOWN}/thumbnail", expect_errors=True).status_int == 404


def test_thumbnails_of_deleted_artifacts_go_when_swept(api, ini, cache, tmp_path):
    kept, _ = thumbnail(api, png(20))
    gone, _ = thumbnail(api, png(30))
    api.app.delete(f"/api/v1/reports/artifacts/{gone}")
    path = tmp_path / "test.ini"
    path.write_text("[app:main]\nuse = egg:artifactsvc\n" + "".join(f"{key} = {value}\n" for key, value in ini.items()))

    def run(*args):
        return CliRunner().invoke(cli, ["-c", str(path), "sweep", *args], catch_exceptions=False).output

    assert "1 thumbnails of artifacts that are gone" in run("--dry-run")
    assert len(cache()) == 2
    assert "1 thumbnails of artifacts that are gone" in run()
    assert cache() == [f"{kept}-400.webp"]
    assert "thumbnails" not in run()
