"""Whom this program speaks to: its own database and what its host has listed, and nobody else.

The wall stands below every library: Python tells of each connection before it is made, and what is
not listed is refused. What the C library of a database opens is not Python's to tell; its address
is the one of the settings.
"""

import ipaddress
import json
import socket
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepwell.clinic import clock

CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOG = "network.jsonl"


class NotListed(PermissionError):
    """A connection to an address that the host has not listed."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host name or a number, and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def read(listed: str) -> tuple[Address, ...]:
    """Addresses as `host:port`, separated by commas. ValueError names the one that is none."""
    return tuple(_read(one.strip()) for one in listed.split(",") if one.strip())


def _read(one: str) -> Address:
    host, _, port = one.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536 or set(host) & set("*/@ "):
        raise ValueError(f"{one!r} is no host:port")
    return Address(host, int(port))


class Wall:
    """Refuses what is not listed, and keeps each address the first time it is spoken to."""

    def __init__(self, listed: tuple[Address, ...], log: Path) -> None:
        self.listed, self.log = listed, log
        self.known: set[tuple[str, bool]] = set()

    def __call__(self, event: str, told: tuple[Any, ...]) -> None:
        """An audit hook of the interpreter."""
        if event == "socket.getaddrinfo":
            self._judge(str(told[0] or ""), told[1], self._names(told[0]))
        elif event in CONNECTS and len(told) > 1 and isinstance(told[1], tuple):
            host, port = str(told[1][0]), int(told[1][1])
            self._judge(host, port, self._reaches(host, port))

    def _names(self, host: Any) -> bool:
        name = host.decode() if isinstance(host, bytes) else host
        return name is None or any(one.host == name for one in self.listed)

    def _reaches(self, host: str, port: int) -> bool:
        return any(one.port == port and host in (one.host, *_numbers(one)) for one in self.listed)

    def _judge(self, host: str, port: object, listed: bool) -> None:
        self._keep(f"{host}:{port}", listed)
        if not listed:
            raise NotListed(f"{host}:{port} is not among the addresses that the host has listed.")

    def _keep(self, address: str, listed: bool) -> None:
        if (address, listed) in self.known:
            return
        self.known.add((address, listed))
        line = {"at": clock.now().isoformat(), "address": address, "listed": listed}
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


def _numbers(one: Address) -> Iterator[str]:
    """The numbers behind a listed name, asked each time, since they change."""
    try:
        ipaddress.ip_address(one.host)
    except ValueError:
        found = socket.getaddrinfo(one.host, one.port, proto=socket.IPPROTO_TCP)
        yield from (str(told[4][0]) for told in found)


def shut_in(listed: tuple[Address, ...], home: Path) -> None:
    """From now on, and until the process ends: nothing takes the wall down again."""
    sys.addaudithook(Wall(listed, home / LOG))


def spoken_to(home: Path) -> list[dict[str, Any]]:
    """Each address that was spoken to or refused, with the first time, oldest first."""
    log = home / LOG
    if not log.exists():
        return []
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines() if line]
