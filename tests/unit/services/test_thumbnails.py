"""Thumbnails: small, made once, and never the end of the server."""

import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from types import SimpleNamespace

import pytest
from PIL import Image

from artifactsvc.exceptions import NotFoundError
from artifactsvc.filestore import FileStore
from artifactsvc.services import thumbnails
from artifactsvc.services.pictures import picture_size
from artifactsvc.services.thumbnails import thumbnail
from tests.api import gif, new_uuid


def picture(kind="PNG", size=(800, 600), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, 1 if mode in ("P", "1", "I;16") else "red" if mode != "LA" else (90, 128)).save(out, kind, **options)
    return out.getvalue()


def bomb(width, height):
    """A valid PNG header and nothing behind it that would fill so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + b"".join(struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
                   for name, data in ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b"")))
    )  # fmt: skip


@pytest.fixture
def store(tmp_path):
    return FileStore(tmp_path / "files")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "thumbnails"


@pytest.fixture
def put(store):
    def put(data, mime="image/png"):
        with store.stage() as staged:
            staged.write(data)
            path = store.publish(staged, "2026/11/22/x", "a", ".bin")
            return SimpleNamespace(id=new_uuid(), storage_path=path, mime_type=mime, checksum=staged.checksum)

    return put


@pytest.fixture
def make(store, folder):
    def make(artifact, width=400, pixels=25_000_000):
        return thumbnail(store, artifact, folder, width, pixels)

    return make


def size(data):
    with Image.open(io.BytesIO(data)) as image:
        assert image.format == "WEBP"
        return image.size


@pytest.mark.parametrize(
    ("original", "expected"),
    [((800, 600), (400, 300)), ((1280, 8000), (400, 600)), ((100, 50), (100, 50)), ((5000, 3), (400, 1)), ((1, 4000), (1, 1)), ((1, 1), (1, 1))],
)
def test_thumbnail_is_as_wide_as_asked_and_shows_the_top(make, put, original, expected):
    assert size(make(put(picture(size=original)))) == expected


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_thumbnail_is_made_of_every_kind_of_png(make, put, mode):
    data = make(put(picture(mode=mode)))
    assert size(data) == (400, 300)
    with Image.open(io.BytesIO(data)) as image:
        assert (image.mode == "RGBA") == (mode in ("RGBA", "LA")) or mode == "RGBA"  # WebP forgets an alpha that is full everywhere


@pytest.mark.parametrize(("kind", "mime"), [("JPEG", "image/jpeg"), ("GIF", "image/gif"), ("WEBP", "image/webp")])
def test_thumbnail_is_made_of_other_formats(make, put, kind, mime):
    data = picture(kind)
    assert picture_size(io.BytesIO(data), mime) == (800, 600)
    assert size(make(put(data, mime))) == (400, 300)


def test_photo_stands_upright_when_its_camera_lay_on_its_side(make, put):
    exif = Image.Exif()
    exif[0x0112] = 6
    assert size(make(put(picture("JPEG", exif=exif), "image/jpeg"))) == (300, 400)


def test_picture_is_decoded_once_when_asked_twice(make, put, folder, monkeypatch):
    artifact = put(picture())
    first = make(artifact)
    assert [path.name for path in folder.rglob("*") if path.is_file()] == [f"{artifact.id}-400.webp"]
    monkeypatch.setattr(thumbnails, "draw", None)
    assert make(artifact) == first


def test_picture_is_decoded_again_when_a_power_cut_left_half_of_it(make, put, folder):
    artifact = put(picture())
    first = make(artifact)
    (kept,) = folder.rglob("*.webp")
    for rest in (b"", first[:100], b"\0" * len(first)):
        kept.write_bytes(rest)
        assert make(artifact) == first


def test_nothing_is_decoded_when_there_are_too_many_pixels(make, put, folder, monkeypatch):
    drawn = []
    monkeypatch.setattr(thumbnails, "draw", lambda *args: drawn.append(args))
    for data, mime in (
        (bomb(60_000, 60_000), "image/png"), (bomb(2**31 - 1, 2**31 - 1), "image/png"), (bomb(0, 5), "image/png"), (picture(size=(101, 100)), "image/png"),
        (b"GIF89a\xff\xff\xff\xff" + gif()[10:], "image/gif"), (b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0" + b"\xff" * 6, "image/webp"),
    ):  # fmt: skip
        assert make(put(data, mime), pixels=10_000) is None
    assert drawn == []
    assert not folder.exists()


def test_nothing_is_decoded_when_only_the_frame_is_too_large(make, put):
    """A GIF of one pixel whose frame has four billion."""
    data = bytearray(gif())
    at = data.index(b",\0\0\0\0")
    data[at + 5 : at + 9] = b"\xff\xff\xff\xff"
    assert make(put(bytes(data), "image/gif")) is None


@pytest.mark.parametrize(
    ("data", "mime"),
    [(bomb(300, 300), "image/png"), (picture()[:600], "image/png"), (picture("JPEG")[:700], "image/jpeg"), (picture("WEBP")[:60], "image/webp")],
    ids=["short png", "cut png", "cut jpeg", "cut webp"],
)
def test_broken_picture_has_none_and_is_not_tried_again(make, put, folder, monkeypatch, data, mime):
    artifact = put(data, mime)
    assert make(artifact) is None
    assert len(list(folder.rglob("*.broken"))) == 1
    monkeypatch.setattr(thumbnails, "draw", None)
    assert make(artifact) is None


@pytest.mark.parametrize("data", [b"", b"\x89PNG", b"GIF89a", b"\xff\xd8", b"\xff\xd8\xff", b"\xff\xd8" + b"\xff" * 5000, b"RIFF1234WEBP", b"x" * 40])
def test_size_is_unknown_when_the_header_is_broken(make, put, data):
    for mime in ("image/png", "image/jpeg", "image/gif", "image/webp"):
        assert picture_size(io.BytesIO(data), mime) is None
        if data:
            assert make(put(data, mime)) is None


def test_picture_is_called_by_its_real_format(make, put):
    assert make(put(picture("JPEG"), "image/png")) is None  # no decoder but that of the type it was stored under


def test_other_files_have_none(make, put, folder):
    assert make(put(b"text", "text/plain")) is None
    assert make(put(b"<svg/>", "image/svg+xml")) is None
    assert not folder.exists()


def test_thumbnail_comes_when_the_cache_cannot_be_written(make, put, folder, caplog):
    folder.write_text("in the way")
    assert size(make(put(picture()))) == (400, 300)
    assert "cannot keep the thumbnail" in caplog.text


def test_missing_file_is_said_to_be_missing(make, put, store):
    artifact = put(picture())
    store.remove(artifact.storage_path)
    with pytest.raises(NotFoundError):
        make(artifact)


def test_two_are_decoded_at_a_time_when_many_are_asked_for(make, put, monkeypatch):
    artifacts = [put(picture(size=(20, 20 + n))) for n in range(12)]
    running, most, lock, draw = [0], [0], threading.Lock(), thumbnails.draw

    def slow(*args):
        with lock:
            running[0] += 1
            most[0] = max(most[0], running[0])
        threading.Event().wait(0.02)
        try:
            return draw(*args)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(thumbnails, "draw", slow)
    threads = [threading.Thread(target=make, args=(artifact,)) for artifact in artifacts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [2]


def test_pillow_is_loaded_by_the_first_thumbnail_only():
    code = "import sys, artifactsvc; artifactsvc.configure({'auth.required': 'false'}); sys.exit('PIL' in sys.modules)"
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=False).returncode == 0


def test_no_unfinished_file_stays(make, put, folder):
    make(put(picture()))
    assert [name for _, _, names in os.walk(folder) for name in names if name.endswith(".tmp")] == []
