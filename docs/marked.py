"""The parts of a page that are written by a program, between two marks with their name."""

import re


def filled(page: str, name: str, content: str) -> str:
    """The page with this content in the part of that name. Raises ValueError when it has none."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    between = re.compile(f"(?<={begin}\n).*?(?={end}\n)", re.DOTALL)
    if between.search(page) is None:
        raise ValueError(f"the page has no part called {name}")
    return between.sub(lambda _: f"{content}\n", page)
