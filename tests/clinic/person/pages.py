"""What a page says, as somebody reading it would hear it."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.skipping = 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.skipping += tag in ("script", "head")

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag in ("script", "head")

    def handle_data(self, data: str) -> None:
        if not self.skipping:
            self.said.append(data)


def text(answer: Any) -> str:
    """All the words of a page's body, on one line."""
    reader = _Words()
    reader.feed(answer.content.decode())
    return re.sub(r"\s+", " ", " ".join(reader.said)).strip()


def title(answer: Any) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)
    assert found is not None
    return unescape(found[1])


def hidden(answer: Any, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())
    assert found is not None, name
    return found[1]
