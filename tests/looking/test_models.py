"""A look finds what makes a model no function of (x, z), with a remedy, and lets right models pass."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from evidence_bench.benchmarks.looking import look_at_model
from evidence_bench.benchmarks.looking.data import faults_of_data
from evidence_bench.benchmarks.looking.modules import in_training
from evidence_bench.benchmarks.looking.seen import apart, coarseness
from evidence_bench.benchmarks.measuring.subject import data_points
from evidence_bench.models.base import Simulated
from evidence_bench.models.catalogue import MODELS as CATALOGUE
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.distributions.diagonal_gaussian import DiagonalGaussian as Gaussian
from tests.looking.broken import MODELS, Net, Right, Tutorial

MOST = 150  # evaluations of log_joint
# Their data need no download; the others are looked at where their images are (tests/looking/test_runs.py).
SHIPPED = [e.name for e in CATALOGUE if not e.name.startswith(("mnist", "omniglot"))]
SHIPPED += [f"{e.name}[simulated=true]" for e in CATALOGUE if e.name.startswith(("mnist", "omniglot"))]


@pytest.mark.parametrize("points", [3, 40])
@pytest.mark.parametrize("case", MODELS)
def test_what_makes_a_model_no_function_is_named_with_its_remedy(case, points):
    model, words = MODELS[case]
    seen = look_at_model("mine", model, model.data(points))
    (said,) = seen.findings
    assert "'mine'" in said
    assert not [word for word in words if word not in said], said
    assert seen.evaluations <= MOST


@pytest.mark.parametrize("points", [1, 2])
@pytest.mark.parametrize("case", [case for case in MODELS if case != "normalised by the batch"])
def test_few_data_points_are_enough(case, points):
    """A single one is compared with two of it; what is their mean cannot be told from what it is itself."""
    model = MODELS[case][0]
    assert look_at_model("mine", model, model.data(points)).findings


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", SHIPPED)
def test_every_shipped_model_passes(name, dtype):
    name, model = build_model(name)
    before = torch.get_rng_state()
    seen = look_at_model(name, model, data_points(name, model, 5).to(dtype))
    assert seen.findings == seen.notes == []
    assert faults_of_data(name, model, data_points(name, model, 5)) == []
    assert 50 <= seen.evaluations <= MOST
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("kind", ["dropout", "batchnorm", "dropout in the decoder"])
def test_a_network_in_evaluation_passes(kind):
    model = Tutorial(kind, train=False)
    seen = look_at_model("mine", model, model.data(7))
    assert seen.findings == seen.notes == []


def test_a_network_in_training_without_effect_is_noted():
    model = Tutorial("plain")
    object.__setattr__(model, "spare", [nn_with_dropout()])
    seen = look_at_model("mine", model, model.data(7))
    assert seen.findings == []
    assert "spare.0.1 (Dropout) is in training mode" in seen.notes[0]


def nn_with_dropout() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Dropout(0.1))


GLOBAL = nn_with_dropout()


def test_networks_are_found_wherever_a_model_holds_them():
    local = nn_with_dropout()

    class Holder:
        shared = nn_with_dropout()

        def __init__(self) -> None:
            self.parts = {"deep": [(nn_with_dropout(),)]}
            self.function = lambda x: local(x)

        def log_joint(self) -> torch.nn.Module:
            return GLOBAL

    paths = {one.path for one in in_training(Holder())}
    assert paths == {"shared.1", "parts.deep.0.0.1", "function.local.1", "GLOBAL.1"}
    assert not in_training(Net("dropout").eval())
    recurrent = torch.nn.GRU(2, 2, num_layers=2, dropout=0.1)
    assert [one.kind for one in in_training([recurrent])] == ["GRU"]


def test_missing_values_and_empty_weights_are_no_fault():
    """x may hold NaN where log_joint takes it, and -inf is a weight of zero."""

    class Sparse(Right):
        def data(self, n):
            return super().data(n).masked_fill(torch.eye(n, 2, dtype=torch.bool), torch.nan)

        def proposal(self, x):
            return super().proposal(x.nan_to_num())

        def log_joint(self, x, z):
            value = super().log_joint(x.nan_to_num(), z)
            return torch.where(z[..., 0] > 0, value, -torch.inf)

    model = Sparse()
    assert look_at_model("mine", model, model.data(5)).findings == []


def test_rounding_is_no_difference_and_infinities_are_compared():
    one = torch.tensor([-700.0, -torch.inf, torch.nan, 0.0])
    assert apart(one, one + torch.tensor([5e-3, 0, 0, 5e-4])) == 0
    assert apart(one, one + torch.tensor([0.02, 0, 0, 0])) == pytest.approx(0.02, rel=1e-3)
    for other in ([-700.0, torch.inf, torch.nan, 0], [-700.0, 0, torch.nan, 0], [-700.0, -torch.inf, 0, 0]):
        assert apart(one, torch.tensor(other)) == torch.inf


def test_tf32_is_allowed_for_on_a_gpu_alone():
    assert coarseness(torch.device("cpu")) == 1
    assert coarseness(torch.device("cuda")) == 100  # cuDNN allows it unless it is told not to


def test_a_value_that_is_not_finite_is_told_with_its_data_point():
    class Missing(Right):
        def log_joint(self, x, z):
            return super().log_joint(x, z).masked_fill(x[:, :1] > 0.99, torch.nan)

    (said,) = look_at_model("mine", Missing(), Missing().data(12)[:, [1, 1]]).findings
    assert "NaN or +inf at data point 11 of 'mine'" in said


def test_what_a_model_raises_is_passed_on():
    class Raises(Right):
        def log_joint(self, x, z):
            raise RuntimeError("no such luck")

    with pytest.raises(RuntimeError, match="no such luck"):
        look_at_model("mine", Raises(), Raises().data(3))


def test_data_of_another_type_than_the_network_is_named():
    model = Tutorial("plain", train=False)
    (said,) = look_at_model("mine", model, model.data(3).double()).findings
    assert "x of type torch.float64" in said
    assert "--dtype" in said


def test_latents_may_have_any_shape():
    class Images(Right):
        def proposal(self, x):
            kind = type("Image", (Gaussian,), {"draw": lambda self, e: image(*Gaussian.draw(self, e))})
            return kind(x / 2, 0 * x)

        def log_joint(self, x, z):
            return super().log_joint(x, z.flatten(2))

    def image(z, log_q):
        return z.unflatten(2, (1, 2)), log_q

    assert look_at_model("mine", Images(), Images().data(4)).findings == []


class RandomData(Right):
    def data(self, n):
        return torch.rand(n, 2, dtype=torch.float64)


def test_data_that_are_others_each_time_are_named():
    model = RandomData()
    (said,) = faults_of_data("mine", model, model.data(8))
    assert "data(8) of 'mine' gives other points" in said
    assert "fixed seed" in said
    assert faults_of_data("mine", Right(), Right().data(3)) == []


def test_a_simulation_beside_its_generator_is_named():
    def simulate(n, generator):
        return Simulated(torch.rand(n, 2), torch.zeros(n, 2))

    (said,) = faults_of_data("mine", SimpleNamespace(simulate=simulate), simulate(4, None).x)
    assert said.startswith("simulate(n, generator) of 'mine'")
