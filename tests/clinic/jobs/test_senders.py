"""The ways out: a file, the terminal, a mail relay, a text service; each spoken to for real."""

import json
import socketserver
import stat
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from django.conf import LazySettings

from stepwell.clinic.jobs import senders
from stepwell.clinic.jobs.senders import Outgoing, Refused, Unreachable

ONE = Outgoing("0001", "email", "sam@example.org", "A note for you", "You have a note. 你好")


def test_a_file_has_the_notice_whole_for_its_owner_alone_and_once(tmp_path: Path) -> None:
    send = senders.into(tmp_path / "outbox")
    send(ONE)
    send(ONE)
    (found,) = (tmp_path / "outbox").iterdir()
    assert json.loads(found.read_text(encoding="utf-8"))["text"] == ONE.text
    assert stat.S_IMODE(found.stat().st_mode) == 0o600


def test_the_terminal_shows_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    senders.sender(urlsplit("console:"))(ONE)
    said = capsys.readouterr().out
    assert said == "email to sam@example.org: A note for you. You have a note. 你好\n"


class Relay(socketserver.StreamRequestHandler):
    """As much of a mail relay as one message needs."""

    refuses: ClassVar[bool] = False
    took: ClassVar[list[str]] = []

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().decode():
            word = line.split()[0].upper() if line.split() else ""
            if word == "DATA":
                self.wfile.write(b"354 go on\r\n")
                self.took.append(self._mail())
            if word == "RCPT" and self.refuses:
                self.wfile.write(b"550 nobody of that name\r\n")
                continue
            self.wfile.write(b"221 bye\r\n" if word == "QUIT" else b"250 yes\r\n")
            if word == "QUIT":
                return

    def _mail(self) -> str:
        lines: list[str] = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        return "\n".join(lines)


class Texts(BaseHTTPRequestHandler):
    """A text service that answers as it is told."""

    answers: ClassVar[int] = 202
    took: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        names = ("Authorization", "Idempotency-Key")
        self.took.append(told | {name: self.headers[name] for name in names})
        self.send_response(self.answers)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def serve(server: socketserver.TCPServer) -> Iterator[int]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def relay() -> Iterator[int]:
    Relay.refuses, Relay.took = False, []
    yield from serve(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay))


@pytest.fixture
def texts() -> Iterator[int]:
    Texts.answers, Texts.took = 202, []
    yield from serve(HTTPServer(("127.0.0.1", 0), Texts))


def test_a_mail_relay_gets_the_words_under_the_notices_own_id(relay: int) -> None:
    senders.sender(urlsplit(f"smtp://127.0.0.1:{relay}"))(ONE)
    (mail,) = Relay.took
    assert "Message-ID: <0001@localhost>" in mail
    assert "To: sam@example.org" in mail
    assert "Auto-Submitted: auto-generated" in mail


def test_an_address_that_a_relay_does_not_know_is_refused(relay: int) -> None:
    Relay.refuses = True
    with pytest.raises(Refused):
        senders.sender(urlsplit(f"smtp://127.0.0.1:{relay}"))(ONE)


def test_a_relay_that_is_away_may_be_there_later() -> None:
    with pytest.raises(Unreachable):
        senders.sender(urlsplit("smtp://127.0.0.1:9"))(ONE)


def test_a_text_service_gets_number_words_token_and_id(texts: int, settings: LazySettings) -> None:
    settings.SMS_TOKEN = "a token"
    senders.sender(urlsplit(f"http://127.0.0.1:{texts}/send"))(ONE)
    assert Texts.took == [
        {
            "id": "0001",
            "to": "sam@example.org",
            "text": ONE.text,
            "Authorization": "Bearer a token",
            "Idempotency-Key": "0001",
        }
    ]


@pytest.mark.parametrize(
    ("answer", "fault"),
    [(400, Refused), (404, Refused), (429, Unreachable), (500, Unreachable), (503, Unreachable)],
)
def test_what_a_text_service_answers_is_for_ever_or_for_now(
    answer: int, fault: type[Exception], texts: int
) -> None:
    Texts.answers = answer
    with pytest.raises(fault):
        senders.sender(urlsplit(f"http://127.0.0.1:{texts}/send"))(ONE)


def test_a_text_service_that_is_away_may_be_there_later() -> None:
    with pytest.raises(Unreachable):
        senders.sender(urlsplit("http://127.0.0.1:9/send"))(ONE)
