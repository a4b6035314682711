"""The midpoint of two bounds and its error."""

import numpy as np
import pytest

from evidence_bench.benchmarks.references.annealed import Estimates
from evidence_bench.benchmarks.references.sandwich import Sandwich


def test_half_of_the_gap_is_part_of_the_error_of_the_midpoint():
    """sqrt(gap^2/4 + a^2 + b^2): bounds that have not met leave log p(x) anywhere between them."""
    free = np.array([7.0])
    lower = Estimates(np.array([-10.0]), np.array([0.03]), free, 5.0)
    upper = Estimates(np.array([-9.6]), np.array([0.04]), free, 6.0)
    middle = Sandwich(lower, upper).middle
    assert middle.value == pytest.approx([-9.8])
    assert middle.stderr == pytest.approx([np.sqrt(0.2**2 + 0.03**2 + 0.04**2)])
    assert middle.evaluations == 11.0
