"""The wall: nothing is reached but what the host has listed, whichever library asks."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from stepwell.clinic import network, settings
from stepwell.clinic.network import Address

# Inside the wall of the web application: an address is asked for in each of these ways.
WAYS = {
    "a socket": "import socket; socket.create_connection((host, port), timeout=2)",
    "a number": "import socket; s = socket.socket(); s.settimeout(2); s.connect((host, port))",
    "urllib": "import urllib.request as u; u.urlopen(f'http://{host}:{port}/', timeout=2)",
    "http": "import http.client as h; h.HTTPConnection(host, port, timeout=2).request('GET', '/')",
    "mail": "import smtplib; smtplib.SMTP(host, port, timeout=2)",
    "a datagram": "import socket; socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', (host, port))",
    "asyncio": "import asyncio; asyncio.run(asyncio.open_connection(host, port))",
}
INSIDE = """
import sys
from stepwell.clinic import wsgi
host, port = sys.argv[1], int(sys.argv[2])
try:
    {way}
except OSError as error:
    print("REFUSED" if "is not among the addresses" in str(error) else "WENT OUT", error)
else:
    print("WENT OUT")
"""


@pytest.fixture
def door() -> Iterator[int]:
    """A port on the loopback that is open: only a wall keeps anybody from it."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        port: int = server.getsockname()[1]
        yield port


def inside(home: Path, way: str, host: str, port: int, **env: str) -> str:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("STEPWELL_", "COVERAGE"))}
    done = subprocess.run(
        [sys.executable, "-c", INSIDE.format(way=way), host, str(port)],
        env={**clean, "STEPWELL_HOME": str(home), **env},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("way", WAYS)
def test_nothing_that_is_not_listed_is_reached_whichever_library_asks(
    way: str, tmp_path: Path, door: int
) -> None:
    assert inside(tmp_path, WAYS[way], "127.0.0.1", door).startswith("REFUSED")
    (line,) = network.spoken_to(tmp_path)
    assert (line["address"], line["listed"]) == (f"127.0.0.1:{door}", False)


@pytest.mark.slow
def test_what_the_host_has_listed_is_reached_and_kept(tmp_path: Path, door: int) -> None:
    listed = {"STEPWELL_ADDRESSES": f"127.0.0.1:{door}"}
    assert inside(tmp_path, WAYS["a number"], "127.0.0.1", door, **listed) == "WENT OUT\n"
    assert [line["listed"] for line in network.spoken_to(tmp_path)] == [True]


@pytest.mark.slow
def test_another_port_of_a_listed_host_is_another_address(tmp_path: Path, door: int) -> None:
    listed = {"STEPWELL_ADDRESSES": f"127.0.0.1:{door % 60000 + 1}"}
    assert inside(tmp_path, WAYS["a number"], "127.0.0.1", door, **listed).startswith("REFUSED")


@pytest.mark.slow
def test_a_name_that_is_not_listed_is_not_even_looked_up(tmp_path: Path) -> None:
    said = inside(tmp_path, WAYS["a socket"], "elsewhere.example", 443)
    assert said.startswith("REFUSED")


def test_addresses_are_host_and_port() -> None:
    assert network.read(" mail.example:587 , [::1]:25,") == (
        Address("mail.example", 587),
        Address("::1", 25),
    )
    assert str(Address("::1", 25)) == "[::1]:25"


@pytest.mark.parametrize(
    "listed", ["mail.example", "mail.example:", ":25", "*:25", "https://a.example:443", "a:70000"]
)
def test_what_is_no_address_stops_the_start_by_name(listed: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="STEPWELL_ADDRESSES"):
        settings.addresses(listed)


def test_by_default_nobody_is_listed() -> None:
    assert settings.addresses("") == settings._database_server()
