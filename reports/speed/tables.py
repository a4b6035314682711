"""The words and tables of the speed page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from evidence_bench.reports.numbers import NONE, interval, number, whole, with_error, with_interval
from evidence_bench.reports.table import Heading, Row, Table

Data = Mapping[str, Any]
MEGABYTE = 1e6
_SIDE_BY_SIDE = (
    Heading("contender", words=True),
    Heading("time an evaluation", "µs"),
    Heading("evaluations", "1/s"),
    Heading("share of the limit", "%, interval"),
    Heading("time against ours", "times, interval"),
    Heading("peak memory", "MB above imports"),
    Heading("differs by at most", "nats"),
)
_GROWTH = (
    Heading("size"),
    Heading("B", "points"),
    Heading("K", "samples"),
    Heading("L", "latents"),
    Heading("time", "s, interval"),
    Heading("time an evaluation", "µs"),
    Heading("peak memory", "MB above imports"),
)


def megabytes(value: float | None) -> str:
    """Bytes as megabytes of 10^6, or a dash."""
    return NONE if value is None else whole(round(value / MEGABYTE))


def cards(headline: Data) -> list[tuple[str, str]]:
    """(figure, what it says) of what comes first."""
    peer = headline["fastest_peer_ratio"]
    size = f"B = {headline['points']}, K = {whole(headline['samples'])}"
    return [
        (
            f"{100 * headline['gemm_share']:.0f}%",
            f"of the speed of the matrix products alone, {_form(headline)}, {size}",
        ),
        (f"{headline['evaluations_per_second']:,.0f}", "evaluations of log p(x, z) a second"),
        (_times(headline["textbook_ratio"]), "as fast as torch.distributions, all samples at once"),
        (_times(peer), f"as fast as {headline['fastest_peer']}" if peer else "no peer is installed"),
        (number(headline["time_exponent_K"] or math.nan, 3), "exponent of time in K"),
        (
            f"{megabytes(headline['largest_K_peak_bytes'])} MB",
            f"peak memory above the imports at K = {whole(headline['largest_K'])}, one data point",
        ),
        (f"{number(headline['accuracy_nats'], 2)} nats", "largest error of log p(x, z) against float64"),
    ]


def _form(headline: Data) -> str:
    """Which form the first figure is of, and what the other reaches."""
    eager = headline["eager_gemm_share"]
    if headline["form"] != "compiled" or eager is None:
        return "eager"
    return f"compiled ({100 * eager:.0f}% eager)"


def findings(data: Data) -> list[str]:
    """A sentence for each setting and each axis of growth."""
    return [*map(_found, data["settings"]), *(_grows(axis, one) for axis, one in data["growth"].items())]


def machine(data: Data, provenance: Data) -> str:
    """Where it ran."""
    threads = data["threads"]
    where = provenance.get("device_name") or provenance.get("cpu") or data["device"]
    return f"{where}, {threads} {'thread' if threads == 1 else 'threads'}"


def absent(data: Data) -> list[tuple[str, list[tuple[str, str]]]]:
    """(why, [(setting, contenders)]) of what took no part."""
    found: dict[str, dict[str, list[str]]] = {}
    for setting in data["settings"]:
        for name, why in setting["absent"].items():
            found.setdefault(why, {}).setdefault(setting["name"], []).append(name)
    return [(why, [(one, ", ".join(names)) for one, names in by.items()]) for why, by in found.items()]


def contenders(setting: Data) -> list[tuple[str, str, str]]:
    """(name, what it is, the size that was chosen)."""
    return [
        (one["name"], one["about"], whole(one["size"]) if one["size"] else NONE)
        for one in setting["contenders"]
    ]


def side_by_side(setting: Data) -> Table:
    """One row a contender."""
    return Table(_SIDE_BY_SIDE, tuple(Row(_row(one), True) for one in setting["contenders"]))


def growth(axis: str, grown: Data) -> Table:
    """One row a size; ``axis`` heads the first column."""
    headings = (Heading(axis, "size"), *_GROWTH[1:])
    return Table(headings, tuple(Row(_growth_row(one), False) for one in grown["sizes"]))


def _row(one: Data) -> tuple[str, ...]:
    share, ratio, gap = one["share"], one["times_ours"], one["difference_nats"]
    percent = {key: 100 * share[key] for key in ("value", "low", "high")}
    return (
        one["name"],
        number(1e6 / one["evaluations_per_second"], 3),
        f"{one['evaluations_per_second']:,.0f}",
        with_interval(percent["value"], percent["low"], percent["high"]),
        with_interval(ratio["value"], ratio["low"], ratio["high"]),
        megabytes(one["peak_bytes"]),
        NONE if gap is None else number(gap, 2),
    )


def _growth_row(one: Data) -> tuple[str, ...]:
    seconds = one["seconds"]
    ends = " to ".join(number(seconds[key], 3) for key in ("low", "high"))
    return (
        whole(one["size"]),
        whole(one["points"]),
        whole(one["samples"]),
        whole(one["latents"]),
        f"{number(seconds['value'], 3)} ({ends})",
        number(1e6 * seconds["value"] / one["points"] / one["samples"], 3),
        megabytes(one["peak_bytes"]),
    )


def _found(setting: Data) -> str:
    own = next(one for one in setting["contenders"] if one["role"] == "own")
    share, coverage = own["share"], own["share"]["coverage"]
    size = f"B = {setting['points']} and K = {whole(setting['samples'])}"
    ends = interval(100 * share["low"], 100 * share["high"])
    error = number(setting["accuracy_nats"], 2)
    return (
        f"With {setting['name']} of latents, {size}, our log weights reach {100 * share['value']:.0f}% of "
        f"the limit ({ends}%, {100 * coverage:.0f}% interval of the median over {setting['rounds']} rounds); "
        f"log p(x, z) is within {error} nats of its value in float64."
    )


def _grows(axis: str, grown: Data) -> str:
    fit, memory = grown["time_exponent"], grown["memory_exponent"]
    if fit is None:
        return f"Growth with {axis} has too few sizes for an exponent."
    stderr = math.nan if fit["stderr"] is None else fit["stderr"]
    said = (
        f"Time grows as {axis} to the power {with_error(fit['value'], stderr)} from "
        f"{whole(fit['first'])} to {whole(fit['last'])}"
    )
    return said + (f", peak memory to the power {number(memory['value'], 2)}." if memory else ".")


def _times(ratio: float | None) -> str:
    return NONE if ratio is None else f"{ratio:.1f} times"
