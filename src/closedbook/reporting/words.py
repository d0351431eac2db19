"""How figures and names are written for people, the same everywhere on the page."""

from __future__ import annotations

CONDITIONS = ("closed_book", "rag", "open_book")
"""Of the plot, in its order."""
MINUS = "\N{MINUS SIGN}"


def percent(share: float, digits: int = 1) -> str:
    """0.9125 as "91.3 %" (no-break)."""
    return f"{share * 100:.{digits}f}\N{NO-BREAK SPACE}%"


def bounds(interval: tuple[float, float]) -> str:
    """An interval of shares, in percentage points, with true minus signs."""
    return "{} to {}".format(*(_signed(f"{value * 100:z.1f}") for value in interval))


def points(difference: float) -> str:
    """0.6625 as "+66.3 points"."""
    return f"{_signed(f'{difference * 100:+z.1f}')} points"


def relative(share: float | None) -> str:
    """1.234 as "+123 %", 0.0123 as "+1.2 %"; "" where there is nothing to relate to."""
    if share is None:
        return ""
    digits = 0 if abs(share) >= 0.1 else 1
    return f"{_signed(f'{share * 100:+z.{digits}f}')}\N{NO-BREAK SPACE}%"


def relative_bounds(interval: tuple[float, float]) -> str:
    """An interval of relative differences, in percent."""
    digits = 0 if max(map(abs, interval)) >= 0.1 else 1
    return "{} to {}".format(*(_signed(f"{value * 100:+z.{digits}f}") for value in interval))


def p_value(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def count(value: float) -> str:
    """A count with thin groups; a measure that is no whole number with three digits."""
    return f"{value:,}" if isinstance(value, int) else f"{value:,.3g}"


def seconds(value: float) -> str:
    minutes, rest = divmod(round(value), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min {rest:02d} s" if minutes else f"{value:.1f} s"


def money(usd: float | None) -> str:
    """Dollars and cents; a dash where no price is known."""
    return "–" if usd is None else f"${usd:,.2f}"


def letter(index: int) -> str:
    """A, B, C ... for the options of a question."""
    return chr(ord("A") + index) if index < 26 else str(index + 1)


def _signed(number: str) -> str:
    return number.replace("-", MINUS)
