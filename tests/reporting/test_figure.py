"""The figures: heights, labels and whiskers say what the numbers say."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closedbook.reporting.curve import loss_plot
from closedbook.reporting.figure import PLOT_HEIGHT, Bar, Group, bar_plot
from closedbook.reporting.heat import Heat, heat_map

FLOORS = {"chance": 0.25, "longest option": 0.32, "options only": 0.33}
COLOURS = {"base": "grey", "customised": "blue"}
SVG = "{http://www.w3.org/2000/svg}"


def drawn(plot: str) -> ElementTree.Element:
    return ElementTree.fromstring(plot)


def texts(plot: str) -> list[str]:
    return [element.text or "" for element in drawn(plot).iter(f"{SVG}text")]


def plot_of(base: float, customised: float) -> str:
    bars = (
        Bar("base", base, (max(0, base - 0.05), min(1, base + 0.05))),
        Bar("customised", customised, (max(0, customised - 0.02), min(1, customised + 0.02))),
    )
    return bar_plot([Group("closed book", bars, ("+66.2 points",))], COLOURS, {"chance": 0.25})


def test_bars_are_as_high_as_their_values() -> None:
    rectangles = [
        element
        for element in drawn(plot_of(0.25, 0.9)).iter(f"{SVG}rect")
        if element.get("width") != "12.0"
    ]
    heights = {element.get("fill"): float(element.get("height", 0)) for element in rectangles}
    assert heights == {"grey": 0.25 * PLOT_HEIGHT, "blue": 0.9 * PLOT_HEIGHT}


def test_axis_values_chance_and_gain_are_written() -> None:
    found = [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts(plot_of(0.25, 0.912))]
    for expected in ("0 %", "50 %", "100 %", "25.0 %", "91.2 %", "chance 25 %", "+66.2 points"):
        assert expected in found


def test_whiskers_span_the_interval() -> None:
    upright = [
        abs(float(element.get("y1", 0)) - float(element.get("y2", 0)))
        for element in drawn(plot_of(0.5, 0.6)).iter(f"{SVG}line")
        if element.get("x1") == element.get("x2")
    ]
    assert upright == pytest.approx([0.1 * PLOT_HEIGHT, 0.04 * PLOT_HEIGHT])


def test_a_screen_reader_gets_all_figures() -> None:
    label = drawn(plot_of(0.25, 0.9)).get("aria-label", "").replace("\N{NO-BREAK SPACE}", " ")
    assert "base 25.0 % (20.0 % to 30.0 %), customised 90.0 % (88.0 % to 92.0 %)" in label


@settings(max_examples=40)
@given(
    shares=st.lists(st.floats(0, 1), min_size=1, max_size=6),
    width=st.sampled_from([372.0, 880.0]),
)
def test_everything_stays_inside_the_drawing(shares: list[float], width: float) -> None:
    names = [f"arm-{place}" for place in range(len(shares))]
    bars = tuple(Bar(name, share, (0, 1)) for name, share in zip(names, shares, strict=True))
    plot = bar_plot([Group("RAG", bars)] * 3, dict.fromkeys(names, "red"), FLOORS, width=width)
    height = float(drawn(plot).get("height", 0))
    for key, limit in (("x", width), ("x2", width), ("y", height), ("y2", height)):
        assert all(0 <= float(v) <= limit for v in re.findall(rf'\b{key}="([^"]+)"', plot))


def test_floors_are_lines_whose_names_keep_their_distance() -> None:
    bars = (Bar("base", 0.5, (0.4, 0.6)),)
    plot = bar_plot([Group("closed book", bars)], COLOURS, FLOORS)
    heights = {
        element.text: float(element.get("y", 0))
        for element in drawn(plot).iter(f"{SVG}text")
        if element.text and element.text.split("\N{NO-BREAK SPACE}")[0][:-3] in FLOORS
    }
    assert len(heights) == 3
    places = sorted(heights.values())
    assert all(after - before >= 14 for before, after in itertools.pairwise(places))
    dashed = [line for line in drawn(plot).iter(f"{SVG}line") if line.get("stroke-dasharray")]
    lengths = sorted(float(line.get("y1", 0)) for line in dashed)
    assert lengths[1] - lengths[0] == pytest.approx(0.01 * PLOT_HEIGHT, abs=0.11)
    narrow = bar_plot([Group("closed book", bars)], COLOURS, FLOORS, width=372)
    assert any("longest option" in text for text in texts(narrow))


def test_the_heat_map_says_every_document_and_share() -> None:
    scores = {("base", "rag"): (1.0, 0.5, None)}
    plot = heat_map(Heat(("a&b", "c", "d"), (4, 2, 1), scores))
    told = [element.text for element in drawn(plot).iter(f"{SVG}title")]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in told if text] == [
        "a&b: 100 % of 4",
        "c: 50 % of 2",
        "d: not asked",
    ]


def test_names_are_escaped() -> None:
    plot = bar_plot([Group("<b>", (Bar("a&b", 0.5, (0.4, 0.6)),))], {"a&b": "red"}, {})
    assert "<b>" in texts(plot)
    assert "a&b" in texts(plot)


@settings(max_examples=40)
@given(
    losses=st.dictionaries(
        st.from_regex("[a-z][a-z0-9-]{0,79}", fullmatch=True),
        st.lists(st.floats(0, 1e4), min_size=1, max_size=400),
        min_size=1,
        max_size=24,
    ),
    width=st.sampled_from([372.0, 880.0]),
)
def test_the_loss_curves_and_their_names_keep_to_the_drawing(
    losses: dict[str, list[float]], width: float
) -> None:
    plot = loss_plot(losses, dict.fromkeys(losses, "red"), width=width)
    height = float(drawn(plot).get("height", 0))
    curves = re.findall(r'points="([^"]+)"', plot)
    for raw, smooth in zip(curves[::2], curves[1::2], strict=True):
        assert len(raw.split()) == len(smooth.split()) <= 320
        pairs = [tuple(map(float, pair.split(","))) for pair in f"{raw} {smooth}".split()]
        assert all(48 <= x <= width and 0 <= y <= height for x, y in pairs)
    named = [e for e in drawn(plot).iter(f"{SVG}text") if e.get("text-anchor") == "start"]
    assert len(named) == len(losses)
    for element in named:
        broad = sum(letter in "mw" for letter in element.text or "")
        assert float(element.get("x", 0)) + 6 * len(element.text or "") + 8 * broad <= width
    heights = sorted(float(element.get("y", 0)) for element in named)
    assert heights[0] >= 13
    assert heights[-1] <= height
    assert all(after - before > 14.8 for before, after in itertools.pairwise(heights))
    assert f"{max(map(len, losses.values())):,} steps" in texts(plot)


def test_long_names_keep_both_ends_and_to_the_drawing() -> None:
    names = [f"customised-with-a-low-learning-rate-and-many-more-steps-{n}" for n in (1, 2)]
    colours = dict.fromkeys(names, "red")
    bars = tuple(Bar(name, 0.5, (0.4, 0.6)) for name in names)
    scores = {(name, "rag"): (1.0,) for name in names}
    for plot in (
        loss_plot({name: [1.0] for name in names}, colours, width=372),
        bar_plot([Group("closed book", bars)], colours, {}, width=372),
        heat_map(Heat(("a",), (4,), scores)),
    ):
        short = [text for text in texts(plot) if text.startswith("custom")]
        assert len(set(short)) == 2
        assert all("…" in text and len(text) < 48 for text in short)
