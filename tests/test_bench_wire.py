"""The wire beside the person's app counts what it carries, and changes nothing of it."""

import socket
import threading
from collections.abc import Iterator

import pytest

from bench import wire


@pytest.fixture
def service() -> Iterator[socket.socket]:
    """Answers one connection with twice what it was sent, on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            asked, _ = door.accept()
            with asked:
                asked.sendall(asked.recv(100) * 2)

        threading.Thread(target=answer, daemon=True).start()
        yield door


def test_what_goes_up_and_what_comes_down_is_counted_byte_for_byte(service: socket.socket) -> None:
    with wire.wired(f"http://127.0.0.1:{service.getsockname()[1]}") as between:
        port = int(between.url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=5) as phone:
            phone.sendall(b"0123456789")
            heard = b"".join(iter(lambda: phone.recv(100), b""))
    assert heard == b"0123456789" * 2
    assert (between.up, between.down) == (10, 20)


def test_it_leads_nowhere_but_to_this_machine() -> None:
    with pytest.raises(AssertionError), wire.wired("http://192.0.2.1:80"):
        pass
