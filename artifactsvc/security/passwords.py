"""Password hashes: argon2id (RFC 9106), a few at a time."""

import base64
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from artifactsvc.exceptions import BusyError
from artifactsvc.settings import Settings

PATIENCE = 1.0  # seconds a login waits for its turn


class Passwords:
    """Makes and checks hashes with the parameters of the settings; `auth.parallel_hashes` at once at the most.

    One hash takes `auth.argon2_memory`: without the limit a flood of logins would eat the memory.
    """

    def __init__(self, settings: Settings) -> None:
        self._hasher = PasswordHasher(settings.argon2_iterations, settings.argon2_memory // 1024, settings.argon2_lanes)
        self._places = threading.BoundedSemaphore(settings.parallel_hashes)
        # the hash of no password, with our parameters: whoever has no account waits as long as who mistypes
        cost = f"m={settings.argon2_memory // 1024},t={settings.argon2_iterations},p={settings.argon2_lanes}"
        salt, tag = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
        self.nobody = f"$argon2id$v=19${cost}${salt}${tag}"

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place to hash in. Raises BusyError when all stay taken."""
        if not self._places.acquire(timeout=PATIENCE):
            raise BusyError("Too many logins at once; try again in a moment", retry_after=2)
        try:
            yield
        finally:
            self._places.release()

    def hash(self, password: str) -> str:
        with self.place():
            return self._hasher.hash(password)

    def matches(self, stored: str, password: str) -> bool:
        """Takes the same time whether it matches or not. To be called in a `place`."""
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)


def includeme(config: Any) -> None:
    config.registry["passwords"] = Passwords(config.registry.settings["artifactsvc.settings"])
