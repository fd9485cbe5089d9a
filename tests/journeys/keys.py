"""A desk without a mouse: every place is reached with Tab, every act is done with a key."""

from playwright.sync_api import Page

MOST_TABS = 250
_NAME = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return ['', '', ''];
  const label = at.labels && at.labels.length ? at.labels[0].innerText : '';
  const said = at.getAttribute('aria-label') || label || at.innerText || '';
  return [at.tagName.toLowerCase(), said.trim(), at.name ? `${at.name}=${at.value}` : ''];
}"""


class Keys:
    """The keyboard of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, said: str, *, tag: str | tuple[str, ...] = "") -> None:
        """Tab until the place with these words has the focus."""
        wanted = (tag,) if isinstance(tag, str) else tag
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            kind, name, _value = self.page.evaluate(_NAME)
            if name.startswith(said) and (kind in wanted or wanted == ("",)):
                return
        raise AssertionError(f"the keyboard does not reach {said!r}")

    def follow(self, said: str, *, tag: str = "") -> None:
        """Open a link or press a button that leads to another page."""
        self.to(said, tag=tag)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def open(self, said: str) -> None:
        """Open what is folded up."""
        self.to(said, tag="summary")
        self.page.keyboard.press("Enter")

    def write(self, label: str, text: str) -> None:
        """Type into the field with this label, in place of what is there."""
        self.to(label, tag=("input", "textarea"))
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def choose(self, name: str, value: str) -> None:
        """Go to a group of choices, and on with the arrows until this one is chosen."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if str(self.page.evaluate(_NAME)[2]).startswith(f"{name}="):
                break
        for _ in range(20):
            if self.page.evaluate(_NAME)[2] == f"{name}={value}":
                self.page.keyboard.press("Space")
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {value!r} of {name!r}")
