"""A small HTTP proxy in front of the server, which misbehaves as told."""

import http.client
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Proxy:
    """`misbehave(number, method, path)` is asked for each request: None passes it on; "cut" passes it on and drops the answer;
    (status, headers) answers instead. `seen` lists (method, path, Idempotency-Key)."""

    def __init__(self, port, misbehave):
        self.seen = []
        self.misbehave = misbehave
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *args): ...

            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with proxy.lock:
                    proxy.seen.append((self.command, self.path, self.headers.get("Idempotency-Key")))
                    todo = proxy.misbehave(len(proxy.seen), self.command, self.path)
                if isinstance(todo, tuple):
                    self.send_response(todo[0])
                    for name, value in {**todo[1], "Content-Length": "4"}.items():
                        self.send_header(name, value)
                    self.end_headers()
                    self.wfile.write(b"oops")
                    return
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                connection.request(self.command, self.path, body, {k: v for k, v in self.headers.items() if k.lower() != "host"})
                response = connection.getresponse()
                data = response.read()
                connection.close()
                if todo == "cut":
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(response.status)
                for name in ("Content-Type", "Location", "Retry-After"):
                    if response.headers.get(name):
                        self.send_header(name, response.headers[name])
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = answer  # noqa: N815

        self.lock = threading.Lock()

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, request, client_address): ...

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
