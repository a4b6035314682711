"""gauss_newton: its gradient is autograd's, its precision positive definite and what it should be."""

from __future__ import annotations

import torch

from evidence_bench.models.base import Curved
from evidence_bench.models.catalogue import build_model
from evidence_bench.models.networks.tanh import TanhNetwork
from tests.models.instances import drawn, every_curved_model, model_and_points


@every_curved_model
def test_precision_is_that_of_the_model(name):
    """Minus the Hessian where the model is linear; I + J^T diag(p (1 - p)) J for Bernoulli pixels."""
    model, x, z, _ = drawn(name, 2, 1)
    _, precision = model.gauss_newton(x, z[:, 0])
    for b in range(2):
        if name.endswith("-vae"):
            decoder = model.network(z.dtype, z.device).decoder
            jacobian = torch.autograd.functional.jacobian(decoder, z[b, 0])
            p = decoder(z[b, 0]).sigmoid()
            expected = torch.eye(z.shape[-1]) + jacobian.T @ ((p * (1 - p))[:, None] * jacobian)
        else:
            expected = -torch.autograd.functional.hessian(
                lambda one, b=b: model.log_joint(x[b : b + 1], one[None, None])[0, 0], z[b, 0]
            )
        torch.testing.assert_close(precision[b], expected)


def test_jacobian_of_a_network_of_one_layer():
    network = TanhNetwork([2, 3]).double()
    output, tangents = network.with_tangents(torch.ones(4, 2).double())
    torch.testing.assert_close(output, network(torch.ones(4, 2).double()))
    torch.testing.assert_close(tangents, network.linear[0].weight.T.expand(4, 2, 3))


def test_newton_finds_the_mode_of_a_linear_model_in_one_step():
    model, x = model_and_points("linear-gaussian", 3)
    gradient, precision = model.gauss_newton(x, torch.zeros(3, 5).double())
    step = torch.linalg.solve(precision, gradient)
    torch.testing.assert_close(step, model.posterior_mean(x))


def test_a_vae_with_two_layers_claims_no_curvature():
    two = build_model("untrained-vae[layers=2]")[1]
    assert not isinstance(two, Curved)
    assert not isinstance(two.network(), Curved)
    assert isinstance(build_model("untrained-vae")[1].network(), Curved)
