"""Table 1 of Burda et al.: test NLL and active units by layers, objective and k."""

from __future__ import annotations

from evidence_bench.benchmarks.papers import paired
from evidence_bench.benchmarks.papers.measured import Measured, joined, less
from evidence_bench.benchmarks.papers.published import TABLE_1
from evidence_bench.benchmarks.papers.sheet import Cell, Column, Sheet

IWAE, BETTER = "iwae", "adaptive"
COLUMNS = (
    Column("model"),
    Column("trained"),
    Column("layers"),
    Column("NLL", "nats"),
    Column("NLL by adaptive", "nats"),
    Column("active units"),
    Column("paper: NLL", "nats"),
    Column("active units in the paper"),
    Column("NLL, here less paper", "nats"),
    Column("reasons for it"),
)


def sheets(measured: Measured) -> list[Sheet]:
    """The table, and the differences between models measured on the same images."""
    return [_table(measured), _layers(measured)]


def _table(measured: Measured) -> Sheet:
    rows = [_row(measured, model) for model in measured.models if model in measured.trained]
    ks = {measured.largest_k(IWAE, model) for model in measured.models}
    samples = " or ".join(map(str, sorted(k for k in ks if k)))
    return Sheet(
        "Test likelihood and active units (Burda et al., Table 1)",
        COLUMNS,
        tuple(rows),
        (
            f"NLL: minus the mean of IWAE's estimate from {samples} samples an image, on average above the "
            "true one; adaptive: the same from adaptive importance sampling at as many evaluations, which is "
            "closer where it is lower. Standard errors are over images.",
            "The paper's levels hold for its passes, images and binarisation; orderings and gaps carry over, "
            "levels do not.",
        ),
    )


def _row(measured: Measured, model: str) -> tuple[Cell, ...]:
    trained = measured.trained[model]
    images, better = (
        measured.images(model, name, measured.largest_k(name, model)) for name in (IWAE, BETTER)
    )
    nll = None if images is None else -paired.mean(images)
    known = TABLE_1.get((trained.printed_as, trained.layers, trained.k), {}).get(trained.objective)
    return (
        model,
        trained.words(),
        trained.layers,
        nll,
        None if better is None else -paired.mean(better),
        joined(measured.active(model)),
        known.nll if known else None,
        joined(known.active) if known else "",
        less(nll, known.nll) if known and nll else None,
        trained.why_different() if known else "not in the paper",
    )


def _layers(measured: Measured) -> Sheet:
    """Two layers less one, trained alike: the same data and phases."""
    rows = []
    for one, two in _alike(measured):
        k = measured.largest_k(IWAE, one, two)
        values = [measured.images(model, IWAE, k) for model in (one, two)]
        if values[0] is None or values[1] is None:
            continue
        gain = -paired.difference(values[1], values[0])
        rows.append((two, one, measured.trained[one].words(), k, gain, paired.direction(gain, -1.0)))
    return Sheet(
        "Two stochastic layers less one, trained alike, on the same images",
        (
            Column("two layers"),
            Column("one layer"),
            Column("trained"),
            Column("samples an image"),
            Column("difference of NLL", "nats"),
            Column("two better?"),
        ),
        tuple(rows),
        ("Below 0: two layers are better. 'undecided' within 2 standard errors over images.",),
    )


def _alike(measured: Measured) -> list[tuple[str, str]]:
    """(one layer, two layers) with the same data and the same phases."""
    told = {name: measured.trained[name] for name in measured.models if name in measured.trained}
    return [
        (one, two)
        for two, second in told.items()
        for one, first in told.items()
        if (first.layers, second.layers) == (1, 2)
        and measured.same_images(one, two)
        and [(p.objective, p.k, p.passes) for p in first.phases]
        == [(p.objective, p.k, p.passes) for p in second.phases]
    ]
