"""The JVI paper's matrix: trained by one objective, evaluated by all, beside the printed figures."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from evidence_bench.benchmarks.papers import paired
from evidence_bench.benchmarks.papers.measured import Measured, less
from evidence_bench.benchmarks.papers.published import NOWOZIN, NOWOZIN_K
from evidence_bench.benchmarks.papers.sheet import Cell, Column, Sheet, Value
from evidence_bench.benchmarks.papers.trained import TrainedAs
from evidence_bench.benchmarks.statistics.arrays import Array
from evidence_bench.benchmarks.statistics.columns import bias, errors_of, variance_of_points
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr

LEVEL = "nats"


def sheets(measured: Measured) -> list[Sheet]:
    """The matrix at K = 32, the gaps between neighbours, and which of all estimates overshoot."""
    return [_matrix(measured), _gaps(measured), _overshoot(measured)]


def _evaluators(measured: Measured) -> list[str]:
    found = dict.fromkeys(estimator for _, estimator, _ in measured.cells)
    return [name for name in found if name in {"elbo", "iwae"} or name.startswith("jvi")]


def _matrix(measured: Measured) -> Sheet:
    rows = []
    for model in measured.models:
        for name in _evaluators(measured):
            images = measured.images(model, name, NOWOZIN_K)
            if images is not None:
                rows.append(_entry(measured, model, name, paired.mean(images)))
    return Sheet(
        f"Trained by one objective, evaluated by all, K = {NOWOZIN_K} (Nowozin, Table 1)",
        (
            Column("model"),
            Column("trained"),
            Column("evaluated by"),
            Column("mean estimate", LEVEL),
            Column("paper", LEVEL),
            Column("here less paper", LEVEL),
            Column("reasons for it"),
        ),
        tuple(rows),
        (
            "Standard errors are over images, which move all figures of a row's model together: see the gaps "
            "for what the estimators differ by.",
        ),
    )


def _entry(measured: Measured, model: str, name: str, value: Value) -> tuple[Cell, ...]:
    trained = measured.trained.get(model)
    known = _printed(trained).get(name)
    return (
        model,
        trained.words() if trained else "",
        name,
        value,
        known,
        less(value, known) if known is not None else None,
        f"{trained.why_different()}; k = {trained.k} in training, {NOWOZIN_K} there"
        if trained and known is not None
        else "",
    )


def _printed(trained: TrainedAs | None) -> Mapping[str, float]:
    """The paper's row of a one-layer model of MNIST by its objective; empty for any other."""
    if trained is None or (trained.printed_as, trained.layers) != ("mnist", 1):
        return {}
    return NOWOZIN.get(trained.objective, {})


def _gaps(measured: Measured) -> Sheet:
    rows = []
    names = [name for name in _evaluators(measured) if name != "elbo"]
    for model in measured.models:
        for lower, upper in itertools.pairwise(names):
            pair = [measured.images(model, name, NOWOZIN_K) for name in (lower, upper)]
            if pair[0] is None or pair[1] is None:
                continue
            rows.append(_gap(measured, model, lower, upper, paired.difference(pair[1], pair[0])))
    return Sheet(
        f"Gaps from one order to the next, K = {NOWOZIN_K}, on the same weights",
        (
            Column("model"),
            Column("from"),
            Column("to"),
            Column("gap", LEVEL),
            Column("paper", LEVEL),
            Column("same sign?"),
            Column("here over paper"),
        ),
        tuple(rows),
    )


def _gap(measured: Measured, model: str, lower: str, upper: str, gap: Value) -> tuple[Cell, ...]:
    trained = measured.trained.get(model)
    printed = _printed(trained)
    if lower not in printed or upper not in printed:
        return model, lower, upper, gap, None, "", None
    known = round(printed[upper] - printed[lower], 2)
    ratio = Value(gap.value / known, gap.stderr / abs(known))
    return model, lower, upper, gap, known, paired.direction(gap, known), ratio


def _overshoot(measured: Measured) -> Sheet:
    """estimate - log p(x) wherever log p(x) is known: above 0 an estimate overshoots on average."""
    known = {
        key: stored.arrays
        for key, stored in measured.cells.items()
        if np.isfinite(stored.arrays["reference"]).all()
    }
    ks = sorted({k for _, _, k in known})
    pairs = itertools.product(measured.models, _evaluators(measured))
    rows = [_against_truth(known, model, name, ks) for model, name in pairs]
    return Sheet(
        "Mean estimate less log p(x): which estimates overshoot",
        (
            Column("model"),
            Column("evaluated by"),
            *(Column(f"K = {k}", LEVEL) for k in ks),
            Column("overshoots at K"),
            Column("cannot be told from log p(x) at K"),
            Column(f"images it overshoots at K = {NOWOZIN_K}"),
        ),
        tuple(row for row in rows if row),
        (
            "Overshoots: above log p(x) by more than 2 standard errors, of replicates and reference "
            "together, these images fixed; plain errors, without the controls of known mean. The jackknife "
            "is no bound. The reference, where it errs, is on average low.",
        ),
    )


def _against_truth(
    known: Mapping[tuple[str, str, int], Mapping[str, Array]], model: str, name: str, ks: list[int]
) -> tuple[Cell, ...] | None:
    at = {k: _less_truth(known[model, name, k]) for k in ks if (model, name, k) in known}
    if not at:
        return None
    judged = {k: value for k, value in at.items() if np.isfinite(value.stderr)}  # needs two replicates
    over = [k for k, value in judged.items() if paired.direction(value, 1.0) == "yes"]
    open_ = [k for k, value in judged.items() if paired.direction(value, 1.0) == "undecided"]
    listed = [", ".join(map(str, found)) or ("none" if judged else "") for found in (over, open_)]
    single = known.get((model, name, NOWOZIN_K))
    return model, name, *(at.get(k) for k in ks), *listed, "" if single is None else _images_above(single)


def _images_above(arrays: Mapping[str, Array]) -> str:
    """Of how many images the mean estimate is above log p(x) by more than 2 standard errors."""
    errors = errors_of(arrays["estimates"], arrays["reference"])
    if len(errors) < 2:
        return ""
    noise = np.sqrt(variance_of_points(errors) / len(errors) + arrays["reference_stderr"] ** 2)
    return f"{int((errors.mean(axis=0) > 2 * noise).sum())} of {errors.shape[1]}"


def _less_truth(arrays: Mapping[str, Array]) -> Value:
    """Mean error of a cell; its standard error has that of the reference in it (statistics/columns.py)."""
    found = bias(errors_of(arrays["estimates"], arrays["reference"]), ReferenceStderr.stored(arrays))
    return Value(found.value, found.stderr)
