"""The parser in front of the application: bounded chunks, one length for a body, an answer to every bad first line."""

import resource
import time

import pytest
from waitress import channel
from waitress.adjustments import Adjustments

from artifactsvc.server import BoundedChunks, BoundedParser, harden, raise_file_limit, require_loopback

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def parse(*pieces: bytes) -> BoundedParser:
    """The parser after the pieces, or after as many as it wanted."""
    parser = BoundedParser(Adjustments(max_request_body_size=10_000_000, max_request_header_size=65536))
    for piece in pieces:
        while piece and not parser.completed:
            piece = piece[parser.received(piece) :]
    return parser


def pieces(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_body_arrives_when_it_comes_in_chunks(size):
    parser = parse(*pieces(CHUNKED + b"3;name=value\r\nabc\r\n2\r\nde\r\n0\r\nX-Trailer: x\r\n\r\n", size))
    assert (parser.completed, parser.error) == (True, None)
    assert parser.get_body_stream().read() == b"abcde"
    assert parser.headers["CONTENT_LENGTH"] == "5"
    parser.close()


@pytest.mark.parametrize("start", [b"3;x=", b"3;", b"0\r\nX-Trailer: ", b"0\r\nX: y\r\n" + b"Y: z\r\n" * 2000, b"0" * 2000, b"a" * 2000])
def test_chunk_framing_is_refused_quickly_when_it_is_endless(start):
    parser = parse(CHUNKED + start)
    started = time.perf_counter()
    for piece in pieces(b"a" * 2**24, 2**18):
        if parser.completed:
            break
        parser.received(piece)
    assert parser.completed
    assert parser.error.code == 400
    assert time.perf_counter() - started < 1


@pytest.mark.parametrize("framing", [b"0x3\r\nabc\r\n", b"3\r\nabcX", b"-3\r\n", b"+3\r\n", b"g\r\n", b"3 \r\n", b"3\nabc\n"])
def test_chunk_is_refused_when_its_framing_is_wrong(framing):
    parser = parse(CHUNKED + framing + b"0\r\n\r\n" + b"x" * 1100)
    assert parser.error is not None
    assert parser.error.code == 400


@pytest.mark.parametrize(
    "lines",
    [
        b"Content-Length: 3\r\nContent-Length: 3", b"Content-Length: 3\r\nContent-Length: 4", b"Transfer-Encoding: chunked\r\nContent-Length: 3",
        b"Content-Length: 3\r\ntransfer-ENCODING: chunked",
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", b"Transfer-Encoding : chunked\r\nContent-Length: 3", b"Content-Length: +3",
        b"Content-Length: -1", b"Content-Length: 3,3", b"Content-Length: 0x3",
        b"Content-Length:", b"Content-Length: " + b"9" * 5000, b"Content-Length : 3", b"Content-Length: 3\nX: y", b"no colon",
    ],
)  # fmt: skip
def test_request_is_refused_when_its_length_is_ambiguous(lines):
    parser = parse(HEAD + lines + b"\r\n\r\nabc")
    assert parser.completed
    assert parser.error.code == 400


@pytest.mark.parametrize("coding", [b"gzip, chunked", b"xchunked", b"identity", b"\x0bchunked"])
def test_request_is_refused_when_its_coding_is_unknown(coding):
    assert parse(HEAD + b"Transfer-Encoding: " + coding + b"\r\n\r\n").error.code in (400, 501)


@pytest.mark.parametrize("line", [b"GET http://[ HTTP/1.1", b"GET  / HTTP/1.1", b"get / HTTP/1.1", b"GET / HTTP/1.1 x", b"\x16\x03\x01", b"GET /\r HTTP/1.1"])
def test_request_is_refused_when_its_first_line_is_wrong(line):
    assert parse(line + b"\r\nHost: x\r\n\r\n").error.code == 400


def test_request_is_refused_when_its_headers_are_too_large():
    assert parse(HEAD, *pieces(b"X: " + b"a" * 100_000, 4096)).error.code == 431


@pytest.mark.parametrize(("length", "code"), [(9_999_999, None), (10_000_000, 413), (2**63, 413)])
def test_request_is_refused_at_once_when_its_body_is_too_large(length, code):
    parser = parse(HEAD + f"Expect: 100-continue\r\nContent-Length: {length}\r\n\r\n".encode())
    assert (parser.error.code if parser.error else None) == code
    assert parser.expect_continue is (code is None)
    parser.close()


def test_waitress_uses_the_bounded_parser_when_hardened():
    before = channel.HTTPChannel.parser_class
    try:
        harden()
        assert channel.HTTPChannel.parser_class is BoundedParser
        assert type(parse(CHUNKED).body_rcv) is BoundedChunks
    finally:
        channel.HTTPChannel.parser_class = before


@pytest.mark.parametrize(
    ("limits", "expected"), [((1024, 4096), (4096, 4096)), ((1024, 10**6), (65536, 10**6)), ((1024, -1), (65536, -1)), ((70000, 10**6), None), ((-1, -1), None)]
)
def test_file_limit_is_raised_when_it_is_low(monkeypatch, limits, expected):
    calls = []
    monkeypatch.setattr(resource, "getrlimit", lambda kind: limits)
    monkeypatch.setattr(resource, "setrlimit", lambda kind, value: calls.append(value))
    raise_file_limit()
    assert calls == ([expected] if expected else [])


@pytest.mark.parametrize("options", [{"host": "127.0.0.1"}, {"host": "::1"}, {"host": "localhost"}, {"listen": "127.0.0.1:80 [::1]:80"}, {"unix_socket": "/x"}])
def test_a_server_without_login_listens_on_loopback(options):
    require_loopback(options)


@pytest.mark.parametrize("options", [{}, {"host": "0.0.0.0"}, {"host": "192.0.2.1"}, {"host": "::"}, {"host": "example.com"}, {"listen": "127.0.0.1:80 *:80"}])
def test_a_server_without_login_refuses_to_listen_elsewhere(options):
    with pytest.raises(SystemExit, match=r"auth\.required = false"):
        require_loopback(options)
