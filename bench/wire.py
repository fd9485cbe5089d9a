"""A loopback address that passes everything on, and counts what it carries."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Wire:
    """Passes every connection on to one service. `up` and `down` are bytes, headers and all."""

    def __init__(self, to: str) -> None:
        parts = urlsplit(to)
        assert parts.hostname == "127.0.0.1"  # nothing else is ever asked
        self.to = (parts.hostname, parts.port or 80)
        self.up = self.down = 0
        self.counting = threading.Lock()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def serve(self) -> None:
        """Take connections until the door is closed."""
        while True:
            try:
                phone, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._connect, args=(phone,), daemon=True).start()

    def _connect(self, phone: socket.socket) -> None:
        try:
            service = socket.create_connection(self.to)
        except OSError:
            phone.close()
            return
        back = threading.Thread(target=self._bring_down, args=(service, phone), daemon=True)
        back.start()
        for got in _heard(phone):
            with self.counting:
                self.up += len(got)
            _said(service, got)
        _close(service)

    def _bring_down(self, service: socket.socket, phone: socket.socket) -> None:
        for got in _heard(service):
            with self.counting:
                self.down += len(got)
            _said(phone, got)
        _close(phone)


def _heard(one: socket.socket) -> Iterator[bytes]:
    """What comes until the other side ends it, in whatever way."""
    with suppress(OSError):
        while got := one.recv(65_536):
            yield got


def _said(to: socket.socket, got: bytes) -> None:
    with suppress(OSError):
        to.sendall(got)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()


@contextmanager
def wired(to: str) -> Iterator[Wire]:
    """A wire to a service on loopback, until the block ends."""
    wire = Wire(to)
    threading.Thread(target=wire.serve, daemon=True).start()
    try:
        yield wire
    finally:
        wire.door.close()
