"""What a file really is: every checker, however its bytes are cut, and the statuses of decisions.md, 4 and 7."""

import json
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artifactsvc.exceptions import CorruptedFileError, UnsupportedTypeError
from artifactsvc.filestore.content import ContentCheck, Gif, Jpeg, Json, Pdf, Png, Text
from artifactsvc.settings import ALLOWED_TYPES
from tests.api import gif, jpeg, pdf, png

SMALL = {"image/png": png(), "image/jpeg": jpeg(), "image/gif": gif(), "application/pdf": pdf().rstrip(), "application/json": b'{"a": [1, "\xc3\xa9", null]}'}
LARGE = {
    "image/png": png(40, b"noise" * 300),
    "image/jpeg": jpeg()[:-2] + b"\x12\xff\x00\xff\xd0" * 300 + b"\xff\xff\xd9",
    "image/gif": gif()[:-5] + (b"\xff" + b"x" * 255) * 4 + b"\x01x\x00;",
    "application/pdf": b"%PDF-1.7\n" + b"stream " * 300 + b"%%EOF\r\n",
    "application/json": b"\xef\xbb\xbf" + json.dumps({"entries": [{"url": "/é", "time": 1.5, "ok": True}] * 40}, ensure_ascii=False).encode(),
    "text/plain": "zwölf Zeilen €\n".encode() * 100,
    "text/html": "<p>zwölf</p>\n".encode("utf-16") * 60,
}
CHECKERS = {"image/png": Png, "image/jpeg": Jpeg, "image/gif": Gif, "application/pdf": Pdf, "application/json": Json, "text/plain": Text}
ELF = b"\x7fELF\x02\x01\x01" + bytes(60)
EXE = b"MZ\x90\x00\x03" + bytes(60)
ZIP = b"PK\x03\x04" + bytes(60)
FTYP = b"\0\0\0\x18ftypqt  " + bytes(20)
WEBP = b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(20)


def check(declared: str, pieces: list[bytes], allowed: tuple[str, ...] = ALLOWED_TYPES) -> str:
    content = ContentCheck(declared, allowed)
    for piece in pieces:
        content.feed(piece)
    content.close()
    return content.media_type


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:stop] for start, stop in pairwise(edges)]


@given(media_type=st.sampled_from(sorted(LARGE)), places=st.lists(st.integers(0, 10_000), max_size=12))
@settings(max_examples=150, deadline=None)
def test_real_files_are_accepted_when_cut_anywhere(media_type, places):
    assert check(media_type, cut(LARGE[media_type], places)) == media_type


@pytest.mark.parametrize("media_type", CHECKERS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 13, 256])
def test_checkers_accept_when_fed_in_pieces_of_one_size(media_type, size):
    checker = CHECKERS[media_type]()
    data = LARGE[media_type].removeprefix(b"\xef\xbb\xbf")
    for start in range(0, len(data), size):
        checker.feed(data[start : start + size])
    checker.close()


@pytest.mark.parametrize("media_type", SMALL)
def test_every_truncation_is_refused_when_a_file_is_cut_off(media_type):
    data = SMALL[media_type]
    assert check(media_type, [data]) == media_type
    for length in range(len(data)):
        with pytest.raises(CorruptedFileError):
            check(media_type, [data[:length]])


@pytest.mark.parametrize("media_type", SMALL)
@pytest.mark.parametrize("size", [1, 5])
def test_every_truncation_is_refused_when_checkers_are_fed_in_pieces(media_type, size):
    data = SMALL[media_type]
    for length in range(len(data)):
        checker = CHECKERS[media_type]()
        with pytest.raises(CorruptedFileError):  # noqa: PT012 - either method may find it
            for start in range(0, length, size):
                checker.feed(data[start : min(start + size, length)])
            checker.close()


@given(position=st.integers(0, len(png()) - 1), bit=st.integers(0, 7))
@settings(max_examples=150, deadline=None)
def test_png_is_refused_when_any_bit_is_flipped(position, bit):
    data = bytearray(png())
    data[position] ^= 1 << bit
    with pytest.raises((CorruptedFileError, UnsupportedTypeError)):
        check("image/png", [bytes(data)])


@pytest.mark.parametrize(
    "data",
    [png().replace(b"IDAT", b"IDAX"), png()[:8] + png()[33:], png()[:33] + png()[-12:]],
    ids=["IDAT renamed", "no IHDR", "no IDAT"],
)
def test_png_is_refused_when_a_chunk_is_missing(data):
    with pytest.raises(CorruptedFileError):
        check("image/png", [data])


@pytest.mark.parametrize("media_type", ["image/png", "image/jpeg", "image/gif", "application/pdf"])
def test_file_is_accepted_when_bytes_follow_its_end(media_type):
    assert check(media_type, [SMALL[media_type] + b"\n"]) == media_type


@pytest.mark.parametrize(
    ("media_type", "data"),
    [
        ("image/jpeg", b"\xff\xd8\xff\xd9"),  # no scan
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x01" + bytes(20) + b"\xff\xd9"),  # a segment shorter than its length field
        ("image/jpeg", b"\xff\xd8\xff\xe0\x00\x04ab" + b"junk" + b"\xff\xd9"),
        ("image/gif", gif()[:19] + b";"),  # no image
        ("image/gif", gif()[:19] + b"\x99" + gif()[19:]),  # a block of no known kind
        ("application/pdf", b"%PDF-1.4 %%EOF" + bytes(2000)),  # the trailer is not at the end
    ],
)
def test_file_is_refused_when_its_structure_is_wrong(media_type, data):
    with pytest.raises(CorruptedFileError):
        check(media_type, [data])


@pytest.mark.parametrize(
    "data",
    [b"", b" ", b"{}x", b"{} {}", b"NaN", b"[1,]", b'{"a" 1}', b"[" * 100_000, b"1" * 5000, b'"\xff"', b'"\x00"', b"'a'", "{}".encode("utf-16"), b"nul"],
)
def test_json_is_refused_when_it_is_not_one_value(data):
    with pytest.raises(CorruptedFileError):
        check("application/json", [data])


@pytest.mark.parametrize("data", [b"null", b" 1 ", b'"x"', b"[]", b"\xef\xbb\xbf{}", b"1e999", b'{"a":1,"a":2}'])
def test_json_is_accepted_when_it_is_any_one_value(data):
    assert check("application/json", [data]) == "application/json"


@pytest.mark.parametrize("data", ["ä".encode(), "\ufeffä".encode(), "ä€".encode("utf-16"), b"\xfe\xff" + "ä€".encode("utf-16-be")])
def test_text_is_accepted_when_it_decodes(data):
    assert check("text/plain", [data]) == "text/plain"


@pytest.mark.parametrize(
    "data", [b"\xff", b"a\0b", "ä".encode("latin-1"), "ä".encode()[:1], "ä".encode("utf-16")[:-1], "ä".encode("utf-16-le"), "日本".encode("shift_jis")]
)
def test_text_is_refused_when_it_does_not_decode(data):
    with pytest.raises(CorruptedFileError):
        check("text/plain", [data])


CORRUPTED, NOT_ALLOWED = CorruptedFileError, UnsupportedTypeError
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MATRIX = [
    ("image/png", jpeg(), "image/jpeg", ()),
    ("image/jpeg", gif(), "image/gif", ()),
    ("image/png", WEBP, NOT_ALLOWED, ()),
    ("image/png", WEBP, "image/webp", ("image/webp",)),
    ("image/png", b"hello", CORRUPTED, ()),
    ("image/png", pdf(), CORRUPTED, ()),
    ("image/png", ELF, CORRUPTED, ()),
    ("image/svg+xml", b"<svg/>", NOT_ALLOWED, ()),
    ("image/svg+xml", b"<svg/>", "image/svg+xml", ("image/svg+xml",)),
    ("text/plain", png(), CORRUPTED, ()),
    ("text/plain", pdf(), CORRUPTED, ()),
    ("text/plain", ZIP, NOT_ALLOWED, ()),
    ("text/plain", ZIP, CORRUPTED, ("application/zip",)),
    ("text/plain", ELF, NOT_ALLOWED, ()),
    ("text/plain", EXE, NOT_ALLOWED, ()),
    ("text/html", EXE, NOT_ALLOWED, ()),
    ("text/html", png(), CORRUPTED, ()),
    ("text/plain", b"MZ is how this text begins", "text/plain", ()),
    ("text/plain", b"BZh is how this text begins", "text/plain", ()),
    ("text/html", b"<script>alert(1)</script>", "text/html", ()),
    ("text/html", b"<p>\xff", CORRUPTED, ()),
    ("application/json", png(), CORRUPTED, ()),
    ("application/json", ZIP, NOT_ALLOWED, ()),
    ("application/json", ELF, NOT_ALLOWED, ()),
    ("application/json", b"{", CORRUPTED, ()),
    ("application/pdf", b"hello", CORRUPTED, ()),
    ("application/pdf", png(), CORRUPTED, ()),
    ("application/pdf", ZIP, NOT_ALLOWED, ()),
    ("video/webm", b"\x1a\x45\xdf\xa3", NOT_ALLOWED, ()),
    ("video/webm", b"\x1a\x45\xdf\xa3", "video/webm", ("video/webm",)),
    ("video/webm", b"hello", CORRUPTED, ("video/webm",)),
    *((name, FTYP, name, (name,)) for name in ("video/mp4", "video/quicktime", "audio/mp4", "image/avif", "image/heic")),
    *((name, b"\x1a\x45\xdf\xa3", name, (name,)) for name in ("video/x-matroska", "video/webm")),
    ("video/quicktime", FTYP, NOT_ALLOWED, ("video/mp4",)),
    ("video/quicktime", b"\x1a\x45\xdf\xa3", CORRUPTED, ("video/quicktime", "video/webm")),
    ("video/quicktime", b"hello", CORRUPTED, ("video/quicktime",)),
    ("video/mp4", png(), CORRUPTED, ("video/mp4",)),
    ("image/png", FTYP, CORRUPTED, ("image/avif",)),
    ("image/avif", png(), "image/png", ("image/avif",)),
    ("text/plain", FTYP, NOT_ALLOWED, ()),
    ("application/octet-stream", ELF, NOT_ALLOWED, ()),
    ("application/octet-stream", ELF, "application/octet-stream", ("application/octet-stream",)),
    (DOCX, ZIP, DOCX, (DOCX,)),
    (DOCX, ELF, NOT_ALLOWED, (DOCX,)),
]


@pytest.mark.parametrize(("declared", "data", "outcome", "more"), MATRIX)
def test_type_is_judged_when_declared_and_real_type_are_compared(declared, data, outcome, more):
    allowed = ALLOWED_TYPES + more
    if isinstance(outcome, str):
        assert check(declared, [data], allowed=allowed) == outcome
    else:
        with pytest.raises(outcome):
            check(declared, [data], allowed=allowed)


def test_text_with_an_image_inside_is_not_allowed_when_only_text_is():
    with pytest.raises(UnsupportedTypeError, match=r"^File type not allowed\. Allowed types: text/plain$"):
        check("text/plain", [png()], allowed=("text/plain",))


def test_type_is_refused_before_a_byte_is_read_when_it_is_not_allowed():
    with pytest.raises(UnsupportedTypeError, match=r"Allowed types: image/png, image/jpeg$"):
        ContentCheck("text/html", ("image/png", "image/jpeg"))


@given(media_type=st.sampled_from(ALLOWED_TYPES), data=st.binary(max_size=2000), head=st.sampled_from([b"", *(item[:12] for item in SMALL.values())]))
@settings(max_examples=300, deadline=None)
def test_only_domain_errors_come_out_when_the_bytes_are_random(media_type, data, head):
    try:
        check(media_type, [head, data])
    except (CorruptedFileError, UnsupportedTypeError):
        pass
