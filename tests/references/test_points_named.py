"""A missing value is told by the number of its data point, however often its row was repeated."""

from __future__ import annotations

import math

import pytest
import torch

from evidence_bench.benchmarks.measuring.data_points import listed
from evidence_bench.benchmarks.references import AnnealedRun, LongRun, Sandwich, cache, reference_of
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian
from evidence_bench.models.errors import BadWeights

SHORT = AnnealedRun(groups=8, chains=1, steps=4, leapfrogs=1)
LONG = LongRun(runs=8, samples=256)
POINTS = 70  # more than annealed chains take in one go


class Missing:
    """x given z is N(z, 1); log p(x, z) is NaN where x is."""

    def prior(self, x):
        return Gaussian(0 * x.nan_to_num(), 0 * x.nan_to_num())

    def proposal(self, x):
        return Gaussian(x.nan_to_num() / 2 + 0.3, 0 * x.nan_to_num())

    def log_joint(self, x, z):
        return self.prior(x).log_prob(z) + Gaussian(x, 0 * x).log_prob(z)


@pytest.fixture(autouse=True)
def short(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.ENVIRONMENT, str(tmp_path))
    monkeypatch.setattr("evidence_bench.benchmarks.references.methods.AnnealedRun", lambda: SHORT)
    monkeypatch.setattr("evidence_bench.benchmarks.references.methods.LongRun", lambda: LONG)


def data(*missing):
    x = torch.linspace(0, 1, POINTS, dtype=torch.float64)[:, None]
    x[list(missing)] = math.nan
    return x


@pytest.mark.parametrize("kind", ["adaptive", "annealed", "combined"])
@pytest.mark.parametrize("point", [7, 66])
def test_every_kind_of_reference_names_the_point(kind, point):
    with pytest.raises(BadWeights, match=rf"at data point {point};") as caught:
        reference_of(Missing(), data(point), kind)
    assert "rows" not in str(caught.value)


def test_bounds_from_both_sides_name_the_point_forwards():
    with pytest.raises(BadWeights, match=r"at data point 7;"):
        Sandwich.of(Missing(), data(7), torch.zeros(POINTS, 1, dtype=torch.float64), SHORT)


def test_bounds_from_both_sides_name_the_point_backwards():
    with pytest.raises(BadWeights, match=r"at data point 66;"):
        SHORT.estimate(Missing(), data(66), torch.zeros(POINTS, 1, dtype=torch.float64))


def test_a_model_that_knows_its_evidence_hears_where_it_is_not_finite():
    class Known(Missing):
        def log_evidence(self, x):
            return x[:, 0]

    with pytest.raises(BadWeights, match=r"log_evidence is not finite at data points 7, 11 of 70;"):
        reference_of(Known(), data(7, 11))


def test_many_points_are_counted():
    assert listed([3, 1, 1]) == "data points 1, 3"
    assert listed(range(9)) == "data points 0, 1, 2, 3, 4 and 4 more"


IN_THE_DATA = "x itself is NaN or infinite there, so mend the data or leave these points out."


class Wrong(Missing):
    """log p(x, z) is NaN where x is above 1, and x is never NaN."""

    def log_joint(self, x, z):
        return torch.where(x[:, :, None] > 1, math.nan, super().log_joint(x, z)[..., None])[..., 0]


@pytest.mark.parametrize("kind", ["adaptive", "annealed"])
def test_a_reference_tells_a_fault_of_the_data_from_one_of_the_model(kind):
    with pytest.raises(BadWeights) as of_data:
        reference_of(Missing(), data(7), kind)
    assert str(of_data.value).endswith(f"at data point 7; {IN_THE_DATA}")
    x = data()
    x[7] = 2
    with pytest.raises(BadWeights) as of_model:
        reference_of(Wrong(), x, kind)
    assert str(of_model.value).endswith("at data point 7; check log_joint and the proposal there.")


def test_a_look_and_a_draw_do_too():
    from evidence_bench.benchmarks.looking import look_at_model
    from evidence_bench.benchmarks.measuring.draws import Source
    from evidence_bench.estimators.samplers.proposal import FromProposal

    (said,) = look_at_model("mine", Missing(), data(7)[:10]).findings
    assert said == f"log_joint is NaN or +inf at data point 7 of 'mine'; {IN_THE_DATA}"
    source = Source(Missing(), FromProposal(), data(7)[:10], (0,), 2**20)
    with pytest.raises(BadWeights) as drawn:
        list(source.chunks(3, 2))
    assert str(drawn.value) == f"log weights are NaN or +inf at data point 7; {IN_THE_DATA}"


def test_so_does_a_known_evidence():
    class Known(Missing):
        def log_evidence(self, x):
            return x.sum(-1)

    with pytest.raises(BadWeights) as caught:
        reference_of(Known(), data(7))
    assert str(caught.value).endswith(f"at data point 7 of {POINTS}; {IN_THE_DATA}")
