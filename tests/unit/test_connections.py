"""waitress's connections: bounded chunks, one length for a body, an answer to every bad first line, a loop that does not spin."""

import contextlib
import socket
import threading
import time
from types import SimpleNamespace

import pytest
from waitress.adjustments import Adjustments

from artifactsvc.connections import BoundedChunks, BoundedParser, Connection

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


def test_a_connection_bounds_its_chunks():
    assert Connection.parser_class is BoundedParser
    assert type(parse(CHUNKED).body_rcv) is BoundedChunks


class Watched(Connection):
    """A connection that notes, whenever it sends, whether the loop would look at it."""

    def send(self, data, do_close=True):
        self.server.seen.append(self.writable())
        return super().send(data, do_close)


@pytest.fixture
def connection():
    ours, theirs = socket.socketpair()
    pulled: list[bool] = []
    server = SimpleNamespace(active_channels={}, seen=[], pulled=pulled, pull_trigger=lambda: pulled.append(channel.writable()))
    channel = Watched(server, ours, "", Adjustments(), map={})
    yield channel, theirs
    theirs.close()
    channel.handle_close()


def test_the_loop_is_left_in_peace_while_a_thread_sends(connection):
    channel, theirs = connection
    assert channel.write_soon(b"all of it") == 9
    assert theirs.recv(100) == b"all of it"
    assert (channel.server.seen, channel.server.pulled, channel.writable()) == ([False], [], False)


def test_the_loop_sends_the_rest_when_the_socket_takes_no_more(connection):
    channel, theirs = connection
    channel.write_soon(bytes(10_000_000))
    assert channel.server.pulled[-1] is True  # woken, and then it finds what to do
    left = 10_000_000
    while left:
        left -= len(theirs.recv(1_000_000))
        if channel.writable():
            channel.handle_write()
    assert not channel.writable()


def test_a_thread_waits_for_the_loop_when_much_is_left_to_send(connection):
    """Above waitress's high watermark; the loop must be allowed to look meanwhile."""
    channel, theirs = connection
    theirs.setblocking(False)
    channel.requests.append(SimpleNamespace(close=lambda: None))  # that is being answered
    sending = threading.Thread(target=lambda: [channel.write_soon(bytes(1_000_000)) for _ in range(40)], daemon=True)
    sending.start()
    deadline = time.monotonic() + 30
    while channel.total_outbufs_len <= channel.adj.outbuf_high_watermark and time.monotonic() < deadline:
        time.sleep(0.01)  # nobody reads yet
    got = 0
    while got < 40_000_000 and time.monotonic() < deadline:
        if channel.writable():
            channel.handle_write()
        with contextlib.suppress(BlockingIOError):
            got += len(theirs.recv(1_000_000))
    sending.join(1)
    assert (got, sending.is_alive()) == (40_000_000, False)


def test_the_loop_hears_of_a_client_that_went_away(connection):
    channel, theirs = connection
    theirs.close()
    channel.write_soon(b"nobody reads this")
    assert channel.server.pulled[-1] is True
    channel.handle_write()
    assert not channel.connected
