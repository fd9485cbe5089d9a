"""An open-loop load: requests leave at their time, whatever became of the ones before.

How long one took counts from when it should have left, so that a server that stalls is not let off.
"""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

PATIENCE_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as bytes, and the kind it is counted under."""

    kind: str
    sent: bytes


@dataclass(slots=True)
class Result:
    """Milliseconds of each kind, and how many went wrong."""

    ms: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0

    def p99(self) -> float:
        """Of the slowest kind."""
        return max((_at(times, 0.99) for times in self.ms.values()), default=float("inf"))

    def said(self) -> str:
        shares = (
            f"{kind} {_at(times, 0.5):.0f}/{_at(times, 0.99):.0f}"
            for kind, times in sorted(self.ms.items())
        )
        return f"{', '.join(shares)} ms (middle/p99), {self.errors} errors"


def _at(times: list[float], share: float) -> float:
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def run(port: int, requests: Iterable[Request], rate: float, seconds: float) -> Result:
    """Send so many a second for so long."""
    return asyncio.run(_Load(port).run(iter(requests), rate, seconds))


class _Load:
    def __init__(self, port: int) -> None:
        self.port, self.result = port, Result()
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def run(self, requests: Iterator[Request], rate: float, seconds: float) -> Result:
        loop = asyncio.get_running_loop()
        begun, waiting = loop.time() + 0.1, []
        for number in range(int(rate * seconds)):
            due = begun + number / rate
            await asyncio.sleep(max(due - loop.time(), 0))
            waiting.append(asyncio.create_task(self._one(next(requests), due)))
        await asyncio.gather(*waiting)
        for _, writer in self.free:
            writer.close()
        return self.result

    async def _one(self, request: Request, due: float) -> None:
        try:
            status = await asyncio.wait_for(self._answer(request), PATIENCE_SECONDS)
        except (OSError, EOFError, TimeoutError, ValueError):
            status = 0
        if status != 200:  # a way to the sign-in is no answer either
            self.result.errors += 1
        took = asyncio.get_running_loop().time() - due
        self.result.ms.setdefault(request.kind, []).append(took * 1000)

    async def _answer(self, request: Request) -> int:
        if self.free:
            reader, writer = self.free.pop()
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request.sent)
        head = await reader.readuntil(b"\r\n\r\n")
        await _read_body(reader, head)
        self.free.append((reader, writer))
        return int(head.split(b" ", 2)[1])


async def _read_body(reader: asyncio.StreamReader, head: bytes) -> None:
    """By its length, or in pieces: what comes after it belongs to the next answer."""
    fields = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
    if length := fields.get(b"content-length"):
        await reader.readexactly(int(length))
    elif fields.get(b"transfer-encoding") == b"chunked":
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readline()
