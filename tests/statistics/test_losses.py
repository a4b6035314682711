"""The parts of a mean squared error are estimated without bias, and their errors are what they are."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics.losses import mean_loss, point_loss
from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr
from tests.statistical import assert_mean

R, B = 10, 6
BIAS = np.linspace(-0.5, 0.7, B)
SD, KNOWN_TO = 0.4, 0.3


def draws(n, generator):
    """n sets of errors [R, B] about references that err by KNOWN_TO; points 0 and 1 are equal."""
    group = np.array([0, 0, 2, 3, 4, 5])
    known = ReferenceStderr.of(KNOWN_TO, B, group=group)
    for _ in range(n):
        of_reference = KNOWN_TO * generator.standard_normal(B)[group]
        yield BIAS + SD * generator.standard_normal((R, B)) - of_reference, known


def test_spread_and_offset_have_no_bias():
    """1500 sets; the reference's error left in would be seen: it adds .09 and .02."""
    generator = np.random.Generator(np.random.Philox(51))
    losses = [(point_loss(e, known), mean_loss(e, e, known)) for e, known in draws(1500, generator)]
    point = np.array([[a.spread, a.offset] for a, _ in losses])
    mean = np.array([[b.spread, b.offset] for _, b in losses])
    assert_mean(point[:, 0], SD**2, sees=0.006)
    assert_mean(point[:, 1], (BIAS**2).mean(), sees=0.03)
    assert_mean(mean[:, 0], SD**2 / B, sees=0.001)
    assert_mean(mean[:, 1], BIAS.mean() ** 2, sees=0.008)


@pytest.mark.parametrize("which", [0, 1], ids=["point", "mean"])
def test_the_stated_error_is_the_spread_over_repetitions(which):
    """1000 sets, replicates and references drawn anew; below .9 or above 1.35 in 1e-4 of seeds.

    It errs to the safe side: the reference's error is in the mean errors that say how much it moves.
    """
    generator = np.random.Generator(np.random.Philox(52))
    found = [(point_loss(e, k), mean_loss(e, e, k))[which] for e, k in draws(1000, generator)]
    totals = np.array([loss.spread + loss.offset for loss in found])
    stated = np.sqrt(np.mean([loss.stderr**2 for loss in found]))
    assert 0.9 <= stated / totals.std() <= 1.35
