"""What a tagged PDF of ours says, read back from the file: its text, pages, tags and claims."""

import re
import zlib

_OBJECT = re.compile(rb"(?<=\n)(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
_STREAM = re.compile(rb"/Length (\d+).*?>>\s*stream\r?\n", re.DOTALL)
_INNER = rb"(?:\\.|[^\\()])*"  # brackets may stand in pairs
_SHOWN = re.compile(
    rb"/(f\d+) [\d.]+ Tf|\((" + _INNER + rb"(?:\(" + _INNER + rb"\)" + _INNER + rb")*)\)|\bET\b",
    re.DOTALL,
)
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
Objects = dict[bytes, bytes]


def text(pdf: bytes) -> str:
    """Every word that is drawn, page after page, in reading order."""
    found: Objects = dict(_OBJECT.findall(pdf))
    pages = [body for body in found.values() if re.search(rb"/Type/Page\b(?!s)", body)]
    return re.sub(r"\s+", " ", " ".join(_page(found, page) for page in pages)).strip()


def pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type/Page/", pdf))


def is_accessible(pdf: bytes) -> bool:
    """Tagged, in a language, and claiming PDF/UA-1."""
    marks = (b"/MarkInfo<</Marked true", b"/Lang(", b"<pdfuaid:part>1</pdfuaid:part>")
    return all(mark in pdf for mark in marks)


def _page(found: Objects, page: bytes) -> str:
    fonts = _fonts(found, found[_ref(page, b"Resources")])
    said: list[str] = []
    font: dict[bytes, str] = {}
    for name, shown in _SHOWN.findall(_read(found[_ref(page, b"Contents")])):
        font = fonts[name] if name else font
        said.append(_decoded(shown, font) if shown else "" if name else " ")
    return "".join(said)


def _ref(body: bytes, key: bytes) -> bytes:
    told = re.search(rb"/" + key + rb"[\[ ](\d+) 0 R", body)
    assert told is not None, key
    return told[1]


def _fonts(found: Objects, resources: bytes) -> dict[bytes, dict[bytes, str]]:
    named = re.search(rb"/Font<<(.*?)>>", resources)
    assert named is not None
    listed = re.findall(rb"/(f\d+) (\d+) 0 R", named[1])
    return {name: _letters(_read(found[_ref(found[at], b"ToUnicode")])) for name, at in listed}


def _letters(table: bytes) -> dict[bytes, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", table)
    return {
        bytes.fromhex(g.decode()): bytes.fromhex(u.decode()).decode("utf-16-be") for g, u in pairs
    }


def _read(body: bytes) -> bytes:
    """By its own length: what is packed may end with a byte that looks like a line's end."""
    begins = _STREAM.search(body)
    assert begins is not None
    return zlib.decompress(body[begins.end() :][: int(begins[1])])


def _decoded(shown: bytes, letters: dict[bytes, str]) -> str:
    raw = _ESCAPE.sub(_unescaped, shown)
    return "".join(letters.get(raw[n : n + 2], "") for n in range(0, len(raw), 2))


def _unescaped(told: re.Match[bytes]) -> bytes:
    letter = told[1]
    return bytes([int(letter, 8)]) if len(letter) == 3 else _NAMED.get(letter, letter)
