"""MIME types: what a client claims, what the bytes say, what a file is called on disk."""

import pytest

from artifactsvc.filestore.media_types import EXTENSIONS, SNIFF_SIZE, declared_type, extension, sniff
from tests.api import gif, jpeg, pdf, png


@pytest.mark.parametrize(
    ("content_type", "name", "expected"),
    [
        ("image/png", "x.txt", "image/png"),
        ("IMAGE/PNG; charset=x", "x", "image/png"),
        ("image/jpg", "x", "image/jpeg"),
        ("image/x-png", "x", "image/png"),
        ("text/json", "x", "application/json"),
        (None, "shot.PNG", "image/png"),
        ("", "page.htm", "text/html"),
        ("application/octet-stream", "trace.har", "application/json"),
        ("application/octet-stream", "run.log", "text/plain"),
        ("application/octet-stream", "noextension", "application/octet-stream"),
        (None, "", "application/octet-stream"),
        (None, ".png", "application/octet-stream"),
        (None, "a.png/../x.json", "application/json"),
        (None, "a.\udcff\0;#?", "application/octet-stream"),
        (";;;", "a.png", "image/png"),
    ],
)
def test_declared_type_is_the_clients_word_or_the_extensions_when_asked(content_type, name, expected):
    assert declared_type(content_type, name) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (png(), "image/png"),
        (jpeg(), "image/jpeg"),
        (gif(), "image/gif"),
        (b"GIF87a", "image/gif"),
        (pdf(), "application/pdf"),
        (b"PK\x05\x06", "application/zip"),
        (b"\x1f\x8b\x08", "application/gzip"),
        (b"BZh91AY&SY", "application/x-bzip2"),
        (b"BZh91AY&S", None),
        (b"MZ" + bytes(70), "application/vnd.microsoft.portable-executable"),
        (b"MZ and more text", None),
        (b"\x7fELF", "application/x-executable"),
        (b"RIFF\0\0\0\0WEBP", "image/webp"),
        (b"RIFF\0\0\0\0WAVE", None),
        (b"BM\1\2\3\4\0\0\0\0", "image/bmp"),
        (b"\0\0\0\x18ftypmp42", "video/mp4"),
        (b"a" * 257 + b"ustar", "application/x-tar"),
        (b"\x89PNG\r\n\x1a", None),
        (b"plain text", None),
        (b"", None),
    ],
)
def test_signature_gives_the_type_away_when_it_is_whole(head, expected):
    assert sniff(head) == expected


def test_sniffing_needs_no_more_than_its_size_when_the_longest_signature_is_a_tar():
    assert sniff((b"a" * 257 + b"ustar")[:SNIFF_SIZE]) == "application/x-tar"


@pytest.mark.parametrize("media_type", EXTENSIONS)
def test_extension_fits_the_paths_of_the_store_when_the_type_is_known(media_type):
    assert extension(media_type) == EXTENSIONS[media_type]
    assert extension(media_type)[1:].isalnum()


def test_extension_is_bin_when_nobody_knows_the_type():
    assert extension("application/x-nobody-knows-this") == ".bin"
