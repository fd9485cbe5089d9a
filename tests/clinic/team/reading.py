"""What a page says, as somebody reading it would hear it, and what its forms hold."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.fields: dict[str, str] = {}
        self.buttons: list[str] = []
        self.skipping = 0
        self._in_button = False
        self._typing: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.skipping += tag in ("script", "head")
        self._in_button = tag == "button" or (self._in_button and tag != "button")
        name, value = found.get("name"), found.get("value") or ""
        if tag == "textarea" and name:
            self._typing, self.fields[name] = name, ""
        if tag != "input" or not name:
            return
        chosen = found.get("type") in ("radio", "checkbox")
        if not chosen or "checked" in found:
            self.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        self.skipping -= tag in ("script", "head")
        if tag == "button":
            self._in_button = False
        if tag == "textarea":
            self._typing = None

    def handle_data(self, data: str) -> None:
        if self.skipping:
            return
        if self._typing:
            self.fields[self._typing] += data
        self.said.append(data)
        if self._in_button and data.strip():
            self.buttons.append(data.strip())


def _read(answer: Any) -> _Page:
    page = _Page()
    page.feed(answer.content.decode())
    return page


def text(answer: Any) -> str:
    """All the words of a page, on one line."""
    return re.sub(r"\s+", " ", " ".join(_read(answer).said)).strip()


def fields(answer: Any) -> dict[str, str]:
    """What is typed or chosen in the forms of a page, by name."""
    return {name: value.strip() for name, value in _read(answer).fields.items()}


def buttons(answer: Any) -> list[str]:
    """What the buttons of a page say."""
    return _read(answer).buttons


def links(answer: Any) -> list[str]:
    """Every address a page links to."""
    return [
        unescape(found) for found in re.findall(r'<a [^>]*href="([^"]*)"', answer.content.decode())
    ]
