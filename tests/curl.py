"""A stand-in for curl, with the few options the README uses, for machines that have none."""

import argparse
import sys
import urllib.error
import urllib.request
from pathlib import Path

from tests.api import multipart


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("-s", action="store_true")
    parser.add_argument("--fail-with-body", action="store_true")
    parser.add_argument("-X")
    parser.add_argument("-H", action="append", default=[])
    parser.add_argument("-F", action="append", default=[])
    parser.add_argument("-d")
    parser.add_argument("url")
    args = parser.parse_args()
    headers = dict(header.split(": ", 1) for header in args.H)
    body = args.d.encode() if args.d else None
    if args.F:
        body = multipart([part(*field.split("=", 1)) for field in args.F])
        headers["Content-Type"] = "multipart/form-data; boundary=XbX"
    request = urllib.request.Request(args.url, body, headers, method=args.X or ("GET" if body is None else "POST"))
    try:
        with urllib.request.urlopen(request) as response:
            print(response.read().decode())
            return 0
    except urllib.error.HTTPError as error:
        print(error.read().decode())
        return 22


def part(name: str, value: str) -> tuple[str, str | None, str | None, bytes]:
    if value.startswith("@"):
        return name, value[1:], None, Path(value[1:]).read_bytes()
    return name, None, None, value.encode()


if __name__ == "__main__":
    sys.exit(main())
