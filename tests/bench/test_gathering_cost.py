"""What is done with the weights once they are drawn: whose failure it is, and what it costs."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest
import torch

from evidence_bench.benchmarks.measuring.gathering import Gathered
from evidence_bench.benchmarks.measuring.measurement import Failure, Measurement, measure, plan_draws
from evidence_bench.benchmarks.measuring.subject import load_subject
from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.estimators.base import Estimator
from evidence_bench.estimators.catalogue import build_estimator
from evidence_bench.estimators.reducers import LogMeanExp
from evidence_bench.estimators.samplers.proposal import FromProposal

AT_MOST = 1.15  # of the largest-K draw alone


def draw_of(model, estimators, ks, replicates, points):
    """The one draw that iid estimators share, and the settings of its study."""
    settings = Settings((model,), tuple(e.name for e in estimators), ks, replicates, points)
    subject = load_subject(model, settings)
    cells = [(Cell(subject.name, e.name, k), e) for e in estimators for k in ks if k >= e.min_k]
    (draw,) = plan_draws(cells, subject, list(ks))
    return draw, settings


@dataclass(frozen=True)
class Broken:
    """IWAE from shared sums that goes wrong at K = 4."""

    raises: bool

    needs_iid: ClassVar[bool] = False
    symmetric: ClassVar[bool] = True
    bound = bias_order = moments = expansion = None
    min_k: ClassVar[int] = 1

    def __call__(self, log_w):
        return LogMeanExp()(log_w)

    def of_sums(self, sums):
        if self.raises and 4 in sums.ks:
            raise ValueError("no such sum")
        values = LogMeanExp().of_sums(sums)
        return values.where(sums.k != 4, torch.nan)


@pytest.mark.parametrize(("raises", "lost"), [(True, {2, 4, 8}), (False, {4})])
def test_a_shared_reducer_that_fails_harms_no_other(raises, lost):
    names = ("elbo", "iwae", "jvi", "jvi[order=2]", "dvi")
    broken = Estimator("broken", FromProposal(), Broken(raises))
    draw, settings = draw_of("lognormal", [broken, *map(build_estimator, names)], (2, 4, 8), 5, 3)
    outcomes = list(measure(draw, settings))
    failed = {(o.cell.estimator, o.cell.k) for o in outcomes if isinstance(o, Failure)}
    assert failed == {("broken", k) for k in lost}
    measured = [o for o in outcomes if isinstance(o, Measurement)]
    assert len(measured) + len(failed) == len(draw.cells)
    assert all(np.isfinite(o.arrays["estimates"]).all() for o in measured)


def test_threads_are_as_before():
    draw, settings = draw_of("lognormal", [build_estimator("iwae")], (2, 4), 5, 3)
    before = torch.get_num_threads()
    list(measure(draw, settings))
    assert torch.get_num_threads() == before


def seconds_of_parts(draw, settings, monkeypatch):
    """(all of a measurement, what of it comes after the weights), in seconds."""
    after = []
    add = Gathered.add

    def timed(*arguments):
        start = time.perf_counter()
        add(*arguments)
        after.append(time.perf_counter() - start)

    monkeypatch.setattr(Gathered, "add", timed)
    start = time.perf_counter()
    outcomes = list(measure(draw, settings))
    whole = time.perf_counter() - start
    monkeypatch.setattr(Gathered, "add", add)
    assert all(isinstance(o, Measurement) for o in outcomes)
    return whole, sum(after)


@pytest.mark.slow
def test_four_estimators_at_eleven_k_cost_little_more_than_the_largest_draw(monkeypatch):
    """Decoder 50-200-200-784, B = 20, K up to 1024: median of 5 ratios of one measurement to its own draws.

    A draw's part is what is left of the measurement without the time after the weights, so that both come
    from the same seconds.
    """
    ks = tuple(2**i for i in range(11))
    estimators = [build_estimator(name) for name in ("elbo", "iwae", "jvi", "dvi")]
    draw, settings = draw_of("untrained-vae", estimators, ks, 5, 20)
    parts = [seconds_of_parts(draw, settings, monkeypatch) for _ in range(6)][1:]
    ratio = statistics.median(whole / (whole - after) for whole, after in parts)
    evaluations = settings.replicates * settings.points * max(ks)
    nanoseconds = statistics.median(after for _, after in parts) / evaluations * 1e9
    print(f"{ratio:.3f} times the draw, {nanoseconds:.0f} ns a weight after it")
    assert ratio <= AT_MOST
