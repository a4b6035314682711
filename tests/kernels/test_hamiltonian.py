"""Laws of the Hamiltonian kernel: reversible, volume preserving, stationary; and what breaks them is seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from evidence_bench.estimators.kernels import Pilot, Point, Tempered, hamiltonian, leapfrog, transition
from evidence_bench.models.randomness import KeyedDraws, keyed_generator
from tests.statistical import assert_mean

F64 = torch.float64


def quartic(u):
    """A target that is no Gaussian: log f = -sum u^4 / 4 + u_1 u_2 / 2."""
    return -0.25 * u.pow(4).sum(-1) + 0.5 * u[..., 0] * u[..., 1]


def normal(*shape, seed=1):
    return torch.randn(*shape, generator=keyed_generator((seed,)), dtype=F64)


STEP = torch.full((3, 1), 0.3, dtype=F64)


@pytest.mark.parametrize("beta", [0.0, 0.4, 1.0])
def test_a_trajectory_turned_round_leads_back(beta):
    density = Tempered(quartic, beta)
    start, momentum = density.at(normal(3, 4, 2)), normal(3, 4, 2, seed=2)
    end, last = leapfrog(density, start, momentum, STEP, 7)
    back, first = leapfrog(density, end, -last, STEP, 7)
    torch.testing.assert_close(back.position, start.position, rtol=0, atol=1e-12)
    torch.testing.assert_close(first, -momentum, rtol=0, atol=1e-12)
    assert (end.position - start.position).abs().max() > 0.5


def test_a_trajectory_preserves_volume():
    def flow(both):
        u, momentum = both[:2].view(1, 1, 2), both[2:].view(1, 1, 2)
        end, last = leapfrog(Tempered(quartic, 0.7), Tempered(quartic).at(u), momentum, STEP[:1], 5)
        return torch.cat([end.position.flatten(), last.flatten()])

    at, width = normal(4), 1e-5
    sides = [(flow(at + width * e) - flow(at - width * e)) / (2 * width) for e in torch.eye(4, dtype=F64)]
    assert torch.linalg.det(torch.stack(sides)).item() == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("beta", [0.0, 0.4, 1.0])
def test_the_force_is_the_slope_of_the_log_density(beta):
    density, u, width = Tempered(quartic, beta), normal(3, 4, 2), 1e-6
    force = density.force(density.at(u))
    for i in range(2):
        side = width * torch.eye(2, dtype=F64)[i]
        rise = density.log_density(density.at(u + side)) - density.log_density(density.at(u - side))
        torch.testing.assert_close(force[..., i], rise / (2 * width), rtol=0, atol=1e-7)


def moved(rows=6000, transitions=3, step=0.9):
    """E over exact draws of N(0, I) after some transitions, one chain a row: squared lengths [rows]."""
    density = Tempered(lambda u: -0.5 * u.square().sum(-1))
    point, generator = density.at(normal(rows, 1, 4, seed=3)), keyed_generator((4,))
    for _ in range(transitions):
        point, chance = transition(density, point, torch.full((rows, 1), step, dtype=F64), 2, generator)
    return point.position.square().sum(-1).numpy(), chance.mean().item()


def test_draws_of_the_density_stay_draws_of_it():
    """E |u|^2 = 4 after three transitions with steps so long that a tenth and more are rejected."""
    squares, chance = moved()
    assert 0.5 < chance < 0.95
    assert_mean(squares, 4.0, sees=0.3)


def test_a_kernel_that_is_not_reversible_is_seen(monkeypatch):
    """Half a momentum step left out at the end: energies are compared at different times."""

    def unbalanced(density, start, momentum, step, leapfrogs):
        point, size = start, step[..., None]
        for _ in range(leapfrogs):
            momentum = momentum + size * density.force(point)
            point = density.at(point.position + size * momentum)
        return point, momentum

    monkeypatch.setattr(hamiltonian, "leapfrog", unbalanced)
    with pytest.raises(AssertionError, match="standard errors from"):
        assert_mean(moved()[0], 4.0, sees=0.3)


def test_what_is_not_finite_is_rejected():
    def walled(u):
        return torch.where(u[..., 0] > 0, -0.5 * u.square().sum(-1), math.nan)

    density = Tempered(walled)
    point = density.at(normal(2, 500, 2).abs())
    for i in range(5):
        point, _ = transition(density, point, STEP[:2] * 3, 2, keyed_generator((i,)))
    assert point.value.isfinite().all()
    assert (point.position[..., 0] > 0).all()


def test_a_row_does_not_depend_on_the_others():
    start = normal(3, 4, 2)

    def one(rows):
        keys = KeyedDraws(tuple(keyed_generator((i,)) for i in range(3))[rows], 4)
        density = Tempered(quartic)
        return transition(density, density.at(start[rows]), STEP[rows], 3, keys)[0].position

    torch.testing.assert_close(one(slice(None))[1:2], one(slice(1, 2)), rtol=0, atol=1e-12)


def test_the_pilot_finds_steps_that_are_accepted_as_often_as_wanted():
    """A target narrower than N(0, I): the step at beta = 1 is shorter."""
    betas = tuple(np.linspace(0.01, 1, 100))
    pilot = Pilot(chains=16, steps=100)
    sizes = pilot.run(
        lambda u: -1.2 * u.square().sum(-1), normal(3, 10), betas, 2, keyed_generator(("pilot",))
    )
    assert len(sizes) == 100
    assert (sizes[-1] < 0.9 * sizes[0]).all()
    density = Tempered(lambda u: -1.2 * u.square().sum(-1))
    start: Point = density.at(normal(3, 400, 10) / 2.4**0.5)
    chance = transition(density, start, sizes[-1], 2, keyed_generator(("held",)))[1].mean(-1)
    assert ((chance > 0.55) & (chance < 0.95)).all()


@pytest.mark.parametrize("temperatures", [1, 3, 10])
def test_few_temperatures_leave_the_pilot_time_to_find_its_step(temperatures):
    """A target 20 times narrower than N(0, I): the last temperature accepts, with steps of its own size.

    Deterministic, for the noise is keyed; with the first step in place of the last it accepts none.
    """
    betas = tuple(np.linspace(1 / temperatures, 1, temperatures))

    def target(u):
        return -200 * u.square().sum(-1)

    sizes = Pilot().run(target, normal(3, 5), betas, 2, keyed_generator(("few",)))
    density = Tempered(target)
    start = density.at(normal(3, 400, 5) / 20)
    chance = transition(density, start, sizes[-1], 2, keyed_generator(("held",)))[1].mean(-1)
    assert len(sizes) == temperatures
    assert ((chance > 0.4) & (chance < 0.98)).all()
