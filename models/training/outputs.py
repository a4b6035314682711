"""The learning curve as a table and as a picture."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from evidence_bench.models.files import replace
from evidence_bench.models.training.progress import Point


def write_curve(path: Path, curve: Sequence[Point]) -> None:
    """CSV: pass, training and validation objective in nats, seconds since the start."""
    lines = [f"{p.number},{p.training!r},{p.validation!r},{p.seconds:.2f}" for p in curve]
    text = "\n".join(["pass,training,validation,seconds", *lines, ""])
    replace(path, text.encode())


def plot_curve(path: Path, curve: Sequence[Point], title: str) -> None:
    """PNG of both objectives by pass."""
    import matplotlib.backends.backend_agg as agg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    agg.FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    passes = [point.number for point in curve]
    axes.plot(passes, [point.training for point in curve], label="training, mean over the pass")
    axes.plot(passes, [point.validation for point in curve], label="validation, after the pass")
    axes.set(xlabel="pass over the training split", ylabel="objective (nats an image)")
    axes.set_title(title.encode("utf-8", "replace").decode())  # a name may hold what is no text
    axes.set_ylim(bottom=_bottom(curve))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    picture = io.BytesIO()
    figure.savefig(picture, dpi=120)
    replace(path, picture.getvalue())


def _bottom(curve: Sequence[Point]) -> float:
    """The first pass is far below all others; leave it out of the picture where there are many."""
    values = [min(point.training, point.validation) for point in curve[len(curve) // 20 :]]
    top = max(max(point.training, point.validation) for point in curve)
    return min(values) - 0.05 * (top - min(values) + 1e-9)
