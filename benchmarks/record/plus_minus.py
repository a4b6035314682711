"""A figure with its standard error, as the terminal writes it."""

from __future__ import annotations

import math


def plus_minus(value: float, stderr: float) -> str:
    """Value and standard error with two digits of the error, such as -0.01234 ± 0.00056.

    Empty where there is no value; the value alone where its error is zero or not known.
    """
    if not math.isfinite(value):
        return "" if math.isnan(value) else str(value)
    if not math.isfinite(stderr) or stderr <= 0:
        return f"{value:.4g}"
    digits = max(0, 1 - math.floor(math.log10(stderr)))
    return f"{value:.{digits}f} ± {stderr:.{digits}f}" if digits < 9 else f"{value:.2e} ± {stderr:.1e}"
