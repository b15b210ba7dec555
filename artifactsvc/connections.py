"""waitress's connections, where its own (3.0.2) would spin, close, or leave something unbounded."""

from typing import Any

from waitress import channel, parser, receiver, task
from waitress.utilities import BadRequest

from artifactsvc.spool import Spool


class BoundedChunks(receiver.ChunkedReceiver):
    """Chunk sizes and trailers of a sane length; a long one costs waitress quadratic time before anybody logged in."""

    LONGEST_LINE = 1024
    LONGEST_TRAILER = 8192
    completed: bool
    control_line: bytes
    trailer: bytes
    error: Any

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        too_long = len(self.control_line) > self.LONGEST_LINE or (not self.completed and len(self.trailer) > self.LONGEST_TRAILER)
        if self.error is None and too_long:
            self.error = BadRequest("chunk framing too long")
            self.completed = True
            self.control_line = self.trailer = b""
        return consumed


class BoundedParser(parser.HTTPRequestParser):
    """Spools the body our way, and refuses what is ambiguous about the length of a body (RFC 9112, 6.1): it is how requests are smuggled past a proxy."""

    body_rcv: Any
    expect_continue: bool

    def parse_header(self, header_plus: bytes) -> None:
        lines = [line.partition(b":")[0].strip().lower() for line in header_plus.split(b"\r\n")[1:]]
        if lines.count(b"transfer-encoding") + lines.count(b"content-length") > 1:
            raise parser.ParsingError("more than one length for the body")
        try:
            super().parse_header(header_plus)
        except ValueError:  # `http://[`, or a length of thousands of digits: waitress would hang up without an answer
            raise parser.ParsingError("Bad URI or length") from None
        if self.chunked:
            self.body_rcv = BoundedChunks(Spool(self.adj.inbuf_overflow))
        elif self.body_rcv is not None:
            self.body_rcv = receiver.FixedStreamReceiver(self.content_length, Spool(self.adj.inbuf_overflow))
        if self.expect_continue and self.content_length >= self.adj.max_request_body_size:
            self.expect_continue = False  # or the client would send all of what is then refused


class KeptOpenTask(task.WSGITask):
    """Leaves the connection open after 204 and 304. They end with their header (RFC 9112, 6.3); waitress misses a length in it, and closes."""

    def set_close_on_finish(self) -> None:
        asked = self.version == "1.0" or self.request.headers.get("CONNECTION", "").lower() == "close"
        if asked or self.has_body or self.wrote_header:
            super().set_close_on_finish()


class Connection(channel.HTTPChannel):
    """A connection that leaves the loop in peace while a thread sends its answer.

    waitress's loop sees that there is something to send, finds the socket ready and the connection locked, and looks again, ten
    to thirty times for each answer, until it loses the interpreter lock to the thread that sends. That thread wakes the loop
    when the socket takes no more.
    """

    parser_class = BoundedParser
    task_class = KeptOpenTask
    _is_sending = False

    def writable(self) -> bool:
        return not self._is_sending and bool(super().writable())

    def write_soon(self, data: Any) -> int:
        self._flush_outbufs_below_high_watermark()  # waits for the loop, so it comes before
        self._is_sending = True
        try:
            written: int = super().write_soon(data)
        finally:
            self._is_sending = False
            if self.total_outbufs_len:
                self.server.pull_trigger()
        return written
