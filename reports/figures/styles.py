"""One colour, one marker and one dash pattern an estimator, the same in every figure, light and dark.

The colours were chosen so that any two stay apart for the common kinds of colour blindness; marker and
dashes tell the same thing again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.markers import MarkerStyle

_LIGHT = ("#0f64c7", "#d0720a", "#07a380", "#b04a94", "#857a3a", "#3f1670", "#5e2306", "#33524e")
_DARK = ("#5e9efd", "#e8761a", "#2c9c86", "#f6b9e6", "#dbe65a", "#7063f0", "#9c7a58", "#aef0a0")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<")
_DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (5, 2),
    (2, 1.5),
    (7, 2, 1.5, 2),
    (4, 1.5, 1.5, 1.5, 1.5, 1.5),
    (9, 3),
    (1, 1),
)

# Colours that stand for a role; the figure carries CSS variables in their place.
INK, GRID, GUIDE, PAPER = "#1b1f24", "#d9dde2", "#8a929c", "#fdfdfc"
_ROLES = {INK: "ink", GRID: "grid", GUIDE: "guide", PAPER: "paper"}


@dataclass(frozen=True)
class Style:
    """How one estimator is drawn; ``colour`` is its colour on white, ``variable`` its name in CSS."""

    colour: str
    variable: str
    marker: str
    dashes: tuple[float, ...]

    @property
    def marker_path(self) -> str:
        """The marker as an SVG path of about 2 by 2 units around 0."""
        shape = MarkerStyle(self.marker)
        path = shape.get_path().transformed(shape.get_transform())
        scale = 1 / np.abs(np.asarray(path.vertices)).max()
        polygons = path.to_polygons(closed_only=True)
        return "".join(_outline(polygon * scale) for polygon in polygons)


def styles(estimators: Sequence[str]) -> dict[str, Style]:
    """The style of each estimator, by its place in the list."""
    return {name: _style(place) for place, name in enumerate(estimators)}


def css_variables() -> dict[str, tuple[str, str]]:
    """Each estimator colour's CSS variable with its light and its dark value."""
    return {f"series-{i}": pair for i, pair in enumerate(zip(_LIGHT, _DARK, strict=True))}


def variable_of_colour() -> dict[str, str]:
    """The CSS variable for every colour that a figure is drawn with."""
    return _ROLES | {colour: f"series-{i}" for i, colour in enumerate(_LIGHT)}


def _style(place: int) -> Style:
    colour = place % len(_LIGHT)
    marker, dashes = _MARKERS[place % len(_MARKERS)], _DASHES[place % len(_DASHES)]
    return Style(_LIGHT[colour], f"series-{colour}", marker, dashes)


def _outline(polygon: object) -> str:
    points = [f"{x:.2f} {-y:.2f}" for x, y in polygon]  # type: ignore[attr-defined]
    return f"M{'L'.join(points)}Z"
