"""The networks that a card describes: from ``architecture`` in JSON to an untrained VAE."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from evidence_bench.models.errors import BadOption
from evidence_bench.models.networks.encoders import BernoulliEncoder, GaussianEncoder, JohnsonEncoder
from evidence_bench.models.networks.latents import BernoulliPrior, GaussianPrior, Latent
from evidence_bench.models.networks.observations import BernoulliObservation, GaussianObservation, Observation
from evidence_bench.models.networks.tanh import TanhNetwork
from evidence_bench.models.vaes.vae import VAE, image_vae

# widths of the latents and of the tanh layers below each, as in Burda, Grosse and Salakhutdinov, ICLR 2016
SIZES = {1: ([50], [[200, 200]]), 2: ([100, 50], [[200, 200], [100, 100]])}
DIGITS = {"pixels": 64, "hidden": [64, 64], "latents": 2, "least_tail": 0.9}
# The first of each is what a card without the key means.
OBSERVATIONS: dict[str, Callable[[], Observation]] = {
    "bernoulli": BernoulliObservation,
    "gaussian": GaussianObservation,
}
LATENTS: dict[str, Latent] = {"gaussian": GaussianPrior, "bernoulli": BernoulliPrior}

Architecture = Mapping[str, Any]


def of_paper(
    pixels: int, layers: int, observation: str = "bernoulli", latent: str = "gaussian"
) -> dict[str, Any]:
    """784-200-200-50 or, with two stochastic layers, 784-200-200-100-100-100-50."""
    if layers not in SIZES:
        raise BadOption(f"The paper has models of 1 or 2 stochastic layers, not {layers}.")
    latents, hidden = SIZES[layers]
    return with_kinds({"pixels": pixels, "hidden": hidden, "latents": latents}, observation, latent)


def with_kinds(
    architecture: Architecture, observation: str = "bernoulli", latent: str = "gaussian"
) -> dict[str, Any]:
    """The architecture with these observations and latents; keys are written where they are not the default.

    BadOption for an unknown kind, and for bits in two layers or under Johnson's encoder.
    """
    given = {"observation": observation, "latent": latent}
    default = {"observation": "bernoulli", "latent": "gaussian"}
    told = {**architecture, **{key: kind for key, kind in given.items() if kind != default[key]}}
    _check(told)
    return told


def build(architecture: Architecture) -> VAE:
    """The VAE, every weight zero.

    ``observation`` is bernoulli (as where it is left out) or gaussian, ``latent`` gaussian (the same) or
    bernoulli. ``least_tail`` asks for one latent layer under Johnson's S_U encoder.
    """
    pixels, hidden, latents = (architecture[key] for key in ("pixels", "hidden", "latents"))
    _check(architecture)
    observation = OBSERVATIONS[architecture.get("observation", "bernoulli")]()
    if "least_tail" in architecture:
        return _johnson(pixels, list(hidden), latents, architecture["least_tail"], observation)
    if architecture.get("latent") == "bernoulli":
        bits = BernoulliEncoder(pixels, hidden[0], latents[0])
        return image_vae(pixels, bits, hidden, latents, observation, BernoulliPrior)
    return image_vae(pixels, GaussianEncoder(pixels, hidden, latents), hidden, latents, observation)


def _check(architecture: Architecture) -> None:
    for key, known in (("observation", OBSERVATIONS), ("latent", LATENTS)):
        kind = architecture.get(key, next(iter(known)))
        if kind not in known:
            raise BadOption(f"There is no {key} '{kind}'; it is {' or '.join(known)}.")
    if architecture.get("latent") != "bernoulli":
        return
    if "least_tail" in architecture:
        raise BadOption("Johnson's encoder has continuous latents; leave out least_tail or the bits.")
    if len(architecture["latents"]) > 1:
        raise BadOption("Bernoulli latents come in one layer; ask for one layer, or for Gaussian latents.")


def _johnson(
    pixels: int, hidden: Sequence[int], latents: int, least_tail: float, observation: Observation
) -> VAE:
    encoder = JohnsonEncoder(pixels, hidden, latents, least_tail)
    decoder = TanhNetwork([latents, *reversed(hidden), pixels])
    return VAE(encoder, decoder, latents, observation=observation)
