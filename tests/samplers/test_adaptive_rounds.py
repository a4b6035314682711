"""The rounds of adaptive importance sampling: what the fits see, and that nothing waits for the device."""

from __future__ import annotations

import math

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from evidence_bench.estimators.noise_space.space import NoiseSpace
from evidence_bench.estimators.samplers.adaptive import Adaptive, rounds
from evidence_bench.estimators.samplers.adaptive.part import cut
from evidence_bench.estimators.samplers.adaptive.past import Past
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.randomness import keyed_generator
from tests.samplers.instances import CORRELATED, NonlinearLaw, data

# On a GPU each of these makes the host wait: a number or a shape that depends on what was computed.
WAITS = {
    "_local_scalar_dense", "nonzero", "nonzero_static", "is_nonzero", "equal", "masked_select", "item",
    "unique_dim", "_unique2", "unique_consecutive", "bincount", "argwhere", "allclose",
}  # fmt: skip


class NoWaiting(TorchDispatchMode):
    """Raises where an operation would make the host wait for a device."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        name = func.overloadpacket.__name__
        masked = name.startswith("index") and any(
            isinstance(i, torch.Tensor) and i.dtype in (torch.bool, torch.uint8)
            for arg in args
            if isinstance(arg, list | tuple)
            for i in arg
        )
        if name in WAITS or masked:
            raise AssertionError(f"{name} makes the host wait for the device")
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    "wait",
    [
        lambda x: x.sum().item(),
        lambda x: x.sum() > 0 or 1,
        lambda x: x[x > 0],
        lambda x: x.nonzero(),
        lambda x: torch.equal(x, x),
        lambda x: x.masked_select(x > 0),
        lambda x: float(x[0]),
        lambda x: x.index_put_((x > 0,), torch.zeros(1)),
    ],
)
def test_what_waits_is_seen(wait):
    x = torch.ones(3)
    with pytest.raises(AssertionError, match="makes the host wait"), NoWaiting():
        assert wait(x) is not None


CASES = [
    ("encoder", CORRELATED),
    ("laplace", CORRELATED),
    ("laplace", NonlinearLaw()),
    ("auto", "digits-vae"),
]


@pytest.mark.parametrize(("start", "model"), CASES, ids=str)
def test_nothing_in_the_rounds_waits_for_the_device(start, model):
    """From the plan, the Gauss-Newton start included, to the last round: only the final check may wait."""
    model = build_model(model)[1] if isinstance(model, str) else model
    if isinstance(model, NonlinearLaw):
        x = torch.randn(3, 3, generator=keyed_generator((3,)), dtype=torch.float64)
    else:
        x = model.data(3) if hasattr(model, "data") else data(model, 3)
    generator = keyed_generator((1,))
    with torch.no_grad(), NoWaiting():
        drawn, _ = Adaptive(start=start).plan(NoiseSpace(model, x), 600).run(generator)
    assert sum(one.e.shape[1] for one in drawn) <= 600


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("start", ["encoder", "laplace"])
def test_the_fits_see_weights_over_the_mixture_of_all_rounds(start, dtype):
    """Incremental and batched against one density at a time; in float32 to the rounding of a distance."""
    x = data(CORRELATED, 3).to(dtype)
    plan = Adaptive(start=start, defensive=0.2).plan(NoiseSpace(CORRELATED, x), 400)
    drawn, proposals = plan.run(keyed_generator((5,)))
    past = Past(plan.whitening, plan.schedule, dtype)
    for own, proposal in list(zip(drawn, proposals, strict=True))[:-1]:
        past.add(own, proposal)
    u = plan.whitening.from_noise(torch.cat([own.e.double() for own in drawn[:-1]], dim=1))
    defensive = torch.cat([own.log_defensive for own in drawn[:-1]], dim=1)
    parts = [q.student.log_prob(u) + math.log(q.draws - q.defensive) for q in proposals[:-1]]
    parts += [defensive + math.log(q.defensive) for q in proposals[1:-1]]
    target = torch.cat([own.log_target for own in drawn[:-1]], dim=1)
    expected = target - torch.logsumexp(torch.stack(parts), dim=0)
    torch.testing.assert_close(
        past.log_weights(), expected, rtol=0, atol=1e-9 if dtype == torch.float64 else 1e-3
    )


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, torch.enable_grad])
@pytest.mark.parametrize("start", ["encoder", "laplace"])
def test_rows_may_be_taken_in_parts(start, mode, monkeypatch):
    """By several cores, each some rows, as by one."""
    x = data(CORRELATED, 5)

    def estimate():
        with mode():
            return Adaptive(start=start)(CORRELATED, x, 300, keyed_generator((6,))).log_w

    whole = estimate()
    monkeypatch.setattr(rounds, "cut", lambda *_: [slice(0, 2), slice(2, 3), slice(3, 5)])
    torch.testing.assert_close(estimate(), whole, rtol=0, atol=1e-9)


@pytest.mark.parametrize(("rows", "values"), [(1, 1 << 20), (5, 0), (7, 1 << 20), (64, 1 << 17)])
def test_parts_hold_every_row_once(rows, values, monkeypatch):
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    parts = cut(rows, values, torch.device("cpu"))
    assert [i for part in parts for i in range(rows)[part]] == list(range(rows))
    assert len(parts) == {(1, 1 << 20): 1, (5, 0): 1, (7, 1 << 20): 4, (64, 1 << 17): 2}[rows, values]
