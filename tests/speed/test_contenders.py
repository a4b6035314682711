"""Contenders compute what ours does, the limit multiplies all that it should, the absent are named."""

import sys
from dataclasses import dataclass

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from evidence_bench.benchmarks.throughput import agreement
from evidence_bench.benchmarks.throughput.contender import Contender, NotHere, Replay
from evidence_bench.benchmarks.throughput.field import KINDS, fastest_size, gather
from evidence_bench.benchmarks.throughput.limit import CHUNKS, LIMIT, MatrixProducts
from evidence_bench.benchmarks.throughput.ours import OWN
from evidence_bench.benchmarks.throughput.subject import layered_subject, subject_of_width
from evidence_bench.benchmarks.throughput.textbook import TEXTBOOK, TEXTBOOK_PARTS, Textbook

CPU = torch.device("cpu")
BY_NAME = {kind.name: kind for kind in KINDS}


@pytest.fixture(scope="module", params=[1, 2])
def subject(request):
    return layered_subject(request.param, 3, 40, CPU)


@dataclass
class Off:
    """A contender whose values are off by a little."""

    of: Contender
    by: float
    reduced: bool = False

    def replay(self, samples):
        replay = self.of.replay(samples)
        values = replay.values.double()
        if self.reduced:
            values = values.logsumexp(-1) - torch.tensor(float(samples)).log()
        return Replay(values + self.by, replay.z)


@pytest.mark.parametrize("kind", [OWN, TEXTBOOK, TEXTBOOK_PARTS], ids=lambda kind: kind.name)
def test_our_and_the_textbook_weights_agree_at_the_same_latents(kind, subject):
    assert agreement.check(kind.name, kind.make(subject, 0), subject) < 2e-3


@pytest.mark.parametrize("name", ["pyro", "pythae"])
def test_peers_agree_where_they_are_installed(name):
    one = layered_subject(1, 2, 100, CPU)
    try:
        contender = BY_NAME[name].make(one, 100)
    except NotHere as absent:
        pytest.skip(str(absent))
    assert agreement.check(name, contender, one) < 2e-3
    assert contender.run().shape[0] == 2


@pytest.mark.parametrize("reduced", [False, True])
@pytest.mark.parametrize("by", [0.02, -0.5, float("nan"), float("inf")])
def test_a_contender_that_is_wrong_stops_the_run(by, reduced, subject):
    assert agreement.check("right", Off(Textbook(subject), 0.0, reduced), subject) < 2e-3
    with pytest.raises(agreement.Disagreement, match="'wrong' differs by"):
        agreement.check("wrong", Off(Textbook(subject), by, reduced), subject)


def test_error_against_float64_is_small_and_is_seen(subject, monkeypatch):
    assert 0 < agreement.accuracy(subject) < 1e-3
    kept = type(subject.model).log_joint
    monkeypatch.setattr(type(subject.model), "log_joint", lambda self, x, z: kept(self, x, z) + 0.01)
    assert agreement.accuracy(subject) > 9e-3


def test_the_products_are_those_of_the_networks_that_do_not_see_x():
    assert layered_subject(1, 1, 1, CPU).products == [(50, 200), (200, 200), (200, 784)]
    second, above = [(100, 100), (100, 100), (100, 100)], [(50, 100), (100, 100), (100, 200)]
    decoder = [(100, 200), (200, 200), (200, 784)]
    assert sorted(layered_subject(2, 1, 1, CPU).products) == sorted([*second, *above, *decoder])
    assert subject_of_width(7, 1, 1, CPU).products[0] == (7, 200)


@pytest.mark.parametrize("chunk", [128, 1, 119, 120, 121])
def test_the_limit_multiplies_every_row_once(chunk, subject):
    work = MatrixProducts(subject, chunk)
    with FlopCounterMode(display=False) as counter:
        work.run()
    wanted = 2 * subject.evaluations * sum(i * o for i, o in subject.products)
    assert counter.get_total_flops() == wanted


def test_the_size_is_one_of_those_tried(subject):
    assert fastest_size(LIMIT, subject) in CHUNKS
    assert fastest_size(OWN, subject) == 0


@pytest.mark.parametrize(("name", "module"), [("pyro", "pyro"), ("pythae", "pythae.models")])
def test_a_peer_that_is_not_installed_is_named_with_the_remedy(name, module, monkeypatch):
    monkeypatch.setitem(sys.modules, module, None)
    field = gather(layered_subject(1, 1, 1, CPU), [BY_NAME[name]])
    assert field.entrants == ()
    assert "is not installed" in field.absent[name]
    assert "evidence-bench[peers]" in field.absent[name]


def test_pythae_has_no_second_layer():
    field = gather(layered_subject(2, 1, 1, CPU), [BY_NAME["pythae"]])
    assert "one layer" in field.absent["pythae"]


def test_the_global_generator_is_left_alone(subject):
    torch.manual_seed(3)
    before = torch.get_rng_state()
    agreement.check("textbook", Textbook(subject), subject)
    fastest_size(TEXTBOOK_PARTS, subject)
    assert torch.equal(torch.get_rng_state(), before)
