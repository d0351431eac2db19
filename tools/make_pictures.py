"""Makes the pictures of README and tutorial from the quickstart's results (`make pictures`).

Needs Chromium and the `dev` extra. Run the quickstart first.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
OUT = ROOT / "examples" / "quickstart" / "out"
PICTURES = ROOT / "docs" / "pictures"


def main() -> int:
    chromium = shutil.which("chromium")
    if chromium is None or not (OUT / "report.html").is_file():
        print("needs chromium on the PATH, and `make quickstart` before", file=sys.stderr)
        return 2
    PICTURES.mkdir(exist_ok=True)
    shutil.copyfile(OUT / "report" / "plot.svg", PICTURES / "plot.svg")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 1150})
        page.goto((OUT / "report.html").as_uri())
        page.screenshot(path=PICTURES / "report.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
