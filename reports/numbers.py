"""How numbers are written: a value to the digits that its standard error allows, the infinite in words."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

MINUS = "\N{MINUS SIGN}"
TIMES = "\N{MULTIPLICATION SIGN}"
NONE = "\N{EN DASH}"
_SUPERSCRIPT = str.maketrans("-0123456789", "\N{SUPERSCRIPT MINUS}⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 4) -> str:
    """``value`` to ``digits`` significant digits; a dash where it is empty, words where it is infinite."""
    if math.isnan(value):
        return NONE
    if math.isinf(value):
        return "infinite" if value > 0 else "minus infinity"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    if not -3 <= exponent < 7:
        return _signed(f"{value / 10.0**exponent:.{digits - 1}f}") + times_ten(exponent)
    return _signed(f"{value:,.{max(0, digits - 1 - exponent)}f}")


def with_error(value: float, stderr: float) -> str:
    """``value`` and ``stderr`` to two significant digits of the latter, such as -0.0572 ± 0.0031."""
    if not math.isfinite(value):
        return number(value)
    if not math.isfinite(stderr):
        return f"{number(value)} ± {'unknown' if math.isnan(stderr) else 'infinite'}"
    if stderr <= 0:
        return f"{number(value)} (exact)"
    power = math.floor(math.log10(max(abs(value), stderr)))
    scale = power if not -3 <= power < 7 else 0
    value, stderr = value / 10.0**scale, stderr / 10.0**scale
    decimals = max(0, 1 - math.floor(math.log10(float(f"{stderr:.1e}"))))
    text = f"{_signed(f'{value:,.{decimals}f}')} ± {stderr:,.{decimals}f}"
    return f"({text}){times_ten(scale)}" if scale else text


def interval(low: float, high: float) -> str:
    """'low to high' to two significant digits of the width, or a dash where an end is empty."""
    if math.isnan(low) or math.isnan(high):
        return NONE
    return " to ".join(_to_width([low, high], low, high))


def with_interval(value: float, low: float, high: float) -> str:
    """'value (low to high)' with the digits of ``interval``; the value alone where an end is empty."""
    if math.isnan(value) or math.isnan(low) or math.isnan(high):
        return number(value, 3)
    text, *ends = _to_width([value, low, high], low, high)
    return f"{text} ({' to '.join(ends)})"


def _to_width(values: Sequence[float], low: float, high: float) -> list[str]:
    width, largest = high - low, max(abs(value) for value in values)
    if not math.isfinite(largest) or not width >= 1e-4 or largest >= 1e7:
        return [number(value, 3) for value in values]
    decimals = max(0, 1 - math.floor(math.log10(width)))
    return [_signed(f"{value:,.{decimals}f}") for value in values]


def whole(value: float) -> str:
    """A count such as K: no decimals where it is whole, thousands separated."""
    if not math.isfinite(value):
        return number(value)
    return _signed(f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}")


def times_ten(exponent: int) -> str:
    """The factor 10⁻⁷ for -7."""
    return f"{TIMES}10{superscript(exponent)}"


def superscript(exponent: int) -> str:
    """'⁻⁷' for -7, in characters that every system font has."""
    return str(exponent).translate(_SUPERSCRIPT)


def runs_of(values: Iterable[float], grid: Sequence[float]) -> str:
    """The K of ``values`` with neighbours on ``grid`` joined: '1 to 16, 64'."""
    places = sorted({list(grid).index(value) for value in values})
    groups: list[list[int]] = []
    for place in places:
        if groups and place == groups[-1][-1] + 1:
            groups[-1].append(place)
        else:
            groups.append([place])
    return ", ".join(_group([grid[place] for place in group]) for group in groups)


def _group(values: list[float]) -> str:
    if len(values) > 2:
        return f"{whole(values[0])} to {whole(values[-1])}"
    return ", ".join(whole(value) for value in values)


def _signed(text: str) -> str:
    return text.replace("-", MINUS)
