"""Make the README's picture from the running program: `make pictures` (needs Chromium)."""

import base64
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))

from tests.journeys import running  # noqa: E402

# The same day every time, so that the picture changes only when the program does.
AT = datetime(2026, 11, 23, 9, 2, tzinfo=UTC)
FRAME = """
<!doctype html><meta charset="utf-8"><style>
 body{margin:0;padding:48px 56px;display:flex;gap:40px;align-items:flex-start;background:#dfe5e0}
 img{display:block;border-radius:10px;box-shadow:0 10px 40px #12303022}
 .phone img{border-radius:28px;border:7px solid #16221f}
</style><div><img width="1000" src="%s"></div><div class="phone"><img width="300" src="%s"></div>
"""


def main() -> None:
    with (
        tempfile.TemporaryDirectory() as home,
        running.demo(Path(home), AT) as clinic,
        sync_playwright() as playwright,
    ):
        clinic.work()
        chromium = playwright.chromium
        browser = chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        team = _shot(browser, clinic, "sam", (1280, 900), "/team/")
        phone = _shot(browser, clinic, "gray", (390, 844), "/today/")
        _frame(browser, team, phone)
        browser.close()


def _shot(
    browser: Browser, clinic: running.Clinic, who: str, size: tuple[int, int], path: str
) -> bytes:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, device_scale_factor=2
    )
    page = context.new_page()
    clinic.sign_in(page, who, clinic.passwords[who])
    page.goto(f"{clinic.url}{path}")
    shot: bytes = page.screenshot()
    context.close()
    return shot


def _frame(browser: Browser, *shots: bytes) -> None:
    page: Page = browser.new_page(viewport={"width": 1470, "height": 800})
    page.set_content(FRAME % tuple(_inline(shot) for shot in shots))
    page.screenshot(path=HERE / "first-screen.png")


def _inline(shot: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(shot).decode()


if __name__ == "__main__":
    main()
