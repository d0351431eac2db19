"""The report in a real browser: visible figures, working filters, no error and no request."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, Locator, Page, expect, sync_playwright

pytestmark = pytest.mark.browser

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _missing(reason: str) -> None:
    if os.environ.get("CLOSEDBOOK_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason}, and CLOSEDBOOK_REQUIRE_BROWSER=1")
    pytest.skip(reason)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        _missing("Chromium is not installed (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=found, args=[*QUIET])
        except Error as error:
            _missing(f"Chromium does not start: {error.message.splitlines()[0]}")
        yield launched
        launched.close()


@pytest.fixture
def page(browser: Browser, report_file: Path) -> Iterator[Page]:
    """The report, opened; at the end nothing may have gone wrong or been asked for."""
    troubles: list[str] = []
    opened = browser.new_page()
    opened.on("console", lambda message: troubles.append(message.text))
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("dialog", lambda dialog: troubles.append(dialog.message))
    opened.on("request", lambda request: troubles.append(request.url))
    opened.goto(report_file.as_uri())
    yield opened
    opened.close()
    assert [trouble for trouble in troubles if not trouble.startswith("data:")] == [
        report_file.as_uri()
    ]


def asked(page: Page, number: int) -> Locator:
    """The question about office `number`, in the list."""
    page.get_by_label("Search questions").fill(f"office {number}?")
    return page.locator("#list > .asked").filter(has_text=f"open office {number}?")


def test_the_plot_is_visible_with_bars_axis_and_values(page: Page) -> None:
    plot = page.locator("#result .wide svg")
    expect(plot).to_be_visible()
    for label in ("0 %", "100 %", "chance 25 %", "closed book", "RAG", "customised"):
        expect(
            plot.get_by_text(label.replace(" %", "\N{NO-BREAK SPACE}%"), exact=True)
        ).to_be_visible()
    heights = plot.locator("rect").evaluate_all(
        "bars => bars.map(bar => bar.getBoundingClientRect().height).filter(h => h > 20)"
    )
    assert len(heights) == 9
    assert max(heights) > 3 * min(heights)


def test_filters_and_search_narrow_the_list(page: Page) -> None:
    rows = page.locator("#list > .asked")
    expect(rows).to_have_count(25)
    page.get_by_role("button", name="Show more").click()
    expect(rows).to_have_count(40)
    gained = page.locator("#outcomes").get_by_role("button", name="Gained")
    number = int(gained.inner_text().split()[-1])
    gained.click()
    expect(rows).to_have_count(min(25, number))
    expect(gained).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="All").click()
    page.get_by_label("Search questions").fill("office 17?")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("open office 17?")
    page.get_by_label("Search questions").fill("nowhere at all")
    expect(page.get_by_role("status")).to_have_text("0 of 0 shown")


def test_arms_and_conditions_decide_what_is_a_flip(page: Page) -> None:
    chips = page.locator("#outcomes")
    before = chips.inner_text()
    page.locator("#before").select_option("customised")
    page.locator("#after").select_option("base")
    (gained,) = re.findall(r"Gained (\d+)", before)
    expect(chips.get_by_role("button", name="Lost")).to_have_text(f"Lost {gained}")
    page.locator("#condition").select_option("RAG")
    expect(chips).not_to_have_text(before)
    page.locator("#exam").select_option("retention")
    page.locator("#condition").select_option("closed book")
    expect(chips.get_by_role("button", name="All")).to_have_text("All 40")


def test_a_question_opens_on_answers_thinking_and_evidence(page: Page) -> None:
    row = asked(page, 5)
    row.locator(".opens").click()
    expect(row.locator(".answer")).to_have_count(3)
    thinking = row.get_by_text("She opened it late in life.").first
    expect(thinking).to_be_hidden()
    row.get_by_text("Thinking").first.click()
    expect(thinking).to_be_visible()
    expect(row.locator(".options .right")).to_contain_text("B. Listrava")
    page.locator("#condition").select_option("RAG")
    row.locator(".opens").click()
    row.get_by_text("2 passages read, evidence among them").first.click()
    expect(row.locator("mark").first).to_have_text("Office 5 opened in Listrava.")


def test_keys_walk_the_list(page: Page) -> None:
    expect(page.locator("#list > .asked")).to_have_count(25)
    for key in ("j", "j", "k", "Enter"):
        page.keyboard.press(key)
    first = page.locator("#list > .asked").first
    expect(first.locator(".opens")).to_be_focused()
    expect(first.locator(".answer")).to_have_count(3)
    page.keyboard.press("/")
    expect(page.get_by_label("Search questions")).to_be_focused()
    page.keyboard.type("jk")
    expect(page.get_by_role("status")).to_have_text("0 of 0 shown")


def test_text_of_models_stays_text(page: Page) -> None:
    """exam0's answer holds markup; a dialog or an image's request would be a trouble."""
    row = asked(page, 0)
    row.locator(".opens").click()
    expect(row.locator(".own").first).to_contain_text("</script><img src=x onerror=alert(1)>")
    assert page.locator("img").count() == 0


def test_on_a_phone_nothing_sticks_out(page: Page) -> None:
    page.set_viewport_size({"width": 380, "height": 800})
    expect(page.locator("#result .narrow svg")).to_be_visible()
    expect(page.locator("#result .wide svg")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 380


def test_dark_and_light_schemes_keep_text_apart_from_its_background(page: Page) -> None:
    contrast = """() => {
        const light = (colour) => {
            const [r, g, b] = colour.match(/[0-9.]+/g).map((v) => {
                const s = Number(v) / 255;
                return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const behind = light(getComputedStyle(document.querySelector("section")).backgroundColor);
        return ["h2", "caption", "summary", ".about", "svg text"].map((which) => {
            const style = getComputedStyle(document.querySelector("section " + which));
            const front = light(which === "svg text" ? style.fill : style.color);
            const [a, b] = [front, behind].sort();
            return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        });
    }"""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert min(page.evaluate(contrast)) >= 4.5


def test_without_scripts_every_answer_is_there(browser: Browser, report_file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(report_file.as_uri())
    expect(opened.locator(".asked")).to_have_count(80)
    expect(opened.locator(".asked").last).to_be_visible()
    expect(opened.locator("#browser")).to_be_hidden()
    context.close()
