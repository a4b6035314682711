"""The fit between rounds against its formulas: weights of the temporal mixture, and one step."""

from __future__ import annotations

import math

import pytest
import torch

from evidence_bench.estimators.noise_space.coordinates import Whitening
from evidence_bench.estimators.samplers.adaptive.covariance import shrunk_covariance
from evidence_bench.estimators.samplers.adaptive.fit import fitted, tempered
from evidence_bench.estimators.samplers.adaptive.mixture import Draws, Mixture
from evidence_bench.estimators.samplers.adaptive.past import Past
from evidence_bench.estimators.samplers.adaptive.schedule import Schedule
from evidence_bench.estimators.samplers.adaptive.student import Student

ROWS, D, NU, INFLATION = 2, 3, 5.0, 1.3
SCHEDULE = Schedule(draws=(40, 30, 50), defensive=(0, 6, 10), alphas=(0, 1, 3))


def normal(*shape, seed):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def student(seed):
    factor = torch.eye(D, dtype=torch.float64) + 0.2 * normal(ROWS, D, D, seed=seed).tril()
    return Student(0.3 * normal(ROWS, D, seed=seed + 1), factor, NU)


def past_of_two_rounds():
    """(the past, its proposals, all its draws e [B, n, D], their log targets, their defensive densities)."""
    past = Past(Whitening.identity(ROWS, D, torch.device("cpu")), SCHEDULE, torch.float64)
    proposals, rounds = [], []
    for t in range(2):
        mixture = Mixture(student(10 * t).inflated(INFLATION), SCHEDULE.draws[t], SCHEDULE.defensive[t])
        e = 1.5 * normal(ROWS, SCHEDULE.draws[t], D, seed=100 + t)
        distance = mixture.student.distance(e.mT)
        new = Draws(e, distance, normal(*e.shape[:2], seed=200 + t), normal(*e.shape[:2], seed=300 + t))
        past.add(new, mixture)
        proposals.append(mixture)
        rounds.append(new)
    return past, proposals, rounds


def test_weights_are_the_target_over_the_mixture_of_all_rounds():
    """log target - log sum_t [(n_t - d_t) t_t(u) + d_t defensive(u)], up to a constant of its row."""
    past, proposals, rounds = past_of_two_rounds()
    e, targets, defensive = (
        torch.cat([getattr(r, name) for r in rounds], dim=1) for name in ("e", "log_target", "log_defensive")
    )
    parts = [p.student.log_prob(e.mT) + math.log(p.draws - p.defensive) for p in proposals]
    parts.append(defensive + math.log(sum(p.defensive for p in proposals)))
    expected = targets - torch.logsumexp(torch.stack(parts), dim=0)
    off = past.log_weights() - expected
    torch.testing.assert_close(off - off[:, :1], torch.zeros_like(off), rtol=0, atol=1e-10)


def test_the_next_fit_measures_distances_from_the_fit_and_not_from_its_inflation():
    past, proposals, rounds = past_of_two_rounds()
    previous = student(10)  # what the second round inflated
    e = torch.cat([r.e for r in rounds], dim=1)
    expected = fitted(e.mT, past.log_weights(), previous.distance(e.mT), previous)
    found = past.fit(previous, INFLATION)
    torch.testing.assert_close(found.location, expected.location, rtol=0, atol=1e-10)
    torch.testing.assert_close(found.factor, expected.factor, rtol=0, atol=1e-10)
    assert proposals[-1].student.nu == NU


@pytest.mark.parametrize("n", [40, 400])
def test_one_step_is_that_of_a_weighted_student_t_shrunk_to_the_previous_fit(n):
    """location and scale by p gamma with gamma = (nu + D)/(nu + distance), in shares ess/(ess + 10)."""
    previous, u, log_w = student(1), normal(ROWS, D, n, seed=7), normal(ROWS, n, seed=8)
    distance = previous.distance(u)
    p, ess = tempered(log_w - log_w.amax(-1, keepdim=True), 2 * D + 10)
    weight = p * (NU + D) / (NU + distance)
    mean = (u * weight[:, None]).sum(-1) / weight.sum(-1, keepdim=True)
    covariance = shrunk_covariance(u, mean[:, :, None], weight)
    share = (ess / (ess + 10))[:, None]
    location = share * mean + (1 - share) * previous.location
    old = previous.factor @ previous.factor.mT
    scale = share[:, None] * covariance + (1 - share[:, None]) * old
    found = fitted(u, log_w, distance, previous)
    torch.testing.assert_close(found.location, location, rtol=0, atol=1e-10)
    torch.testing.assert_close(found.factor @ found.factor.mT, scale, rtol=0, atol=1e-10)
