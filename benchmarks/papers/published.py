"""Figures printed in the papers, with the conditions under which they hold."""

from __future__ import annotations

from dataclasses import dataclass

PASSES = 3280  # of Burda et al. over the training set


@dataclass(frozen=True)
class Likelihood:
    """Test NLL from 5000 samples (nats) and active units of each stochastic layer."""

    nll: float
    active: tuple[int, ...]


def _row(vae: str, iwae: str) -> dict[str, Likelihood]:
    return {"elbo": _entry(vae), "iwae": _entry(iwae)}


def _entry(text: str) -> Likelihood:
    nll, _, active = text.partition("/")
    return Likelihood(float(nll), tuple(map(int, active.split("+"))))


# (data set, stochastic layers, k) -> objective -> figure.
# Source: Burda, Grosse and Salakhutdinov, ICLR 2016, Table 1.
TABLE_1: dict[tuple[str, int, int], dict[str, Likelihood]] = {
    ("mnist", 1, 1): _row("86.76/19", "86.76/19"),
    ("mnist", 1, 5): _row("86.47/20", "85.54/22"),
    ("mnist", 1, 50): _row("86.35/20", "84.78/25"),
    ("mnist", 2, 1): _row("85.33/16+5", "85.33/16+5"),
    ("mnist", 2, 5): _row("85.01/17+5", "83.89/21+5"),
    ("mnist", 2, 50): _row("84.78/17+5", "82.90/26+7"),
    ("omniglot28", 1, 1): _row("108.11/28", "108.11/28"),
    ("omniglot28", 1, 5): _row("107.62/28", "106.12/34"),
    ("omniglot28", 1, 50): _row("107.80/28", "104.67/41"),
    ("omniglot28", 2, 1): _row("107.58/28+4", "107.56/30+5"),
    ("omniglot28", 2, 5): _row("106.31/30+5", "104.79/38+6"),
    ("omniglot28", 2, 50): _row("106.30/30+5", "103.38/44+7"),
}


@dataclass(frozen=True)
class Switch:
    """A model trained by one objective and continued by another: before and after."""

    before: Likelihood
    after: Likelihood


# (objective, k) of the first stage, then of the second. The same paper, Table 2: MNIST, one layer.
TABLE_2: dict[tuple[str, int, str, int], Switch] = {
    ("elbo", 1, "iwae", 50): Switch(_entry("86.76/19"), _entry("84.88/22")),
    ("iwae", 50, "elbo", 1): Switch(_entry("84.78/25"), _entry("86.02/23")),
}

# trained by -> evaluated by -> mean over MNIST test images, nats; K = 32. Nowozin, ICLR 2018, Table 1.
NOWOZIN_K = 32
NOWOZIN: dict[str, dict[str, float]] = {
    "elbo": {"elbo": -93.38, "iwae": -89.22, "jvi": -88.66, "jvi[order=2]": -88.40},
    "iwae": {"elbo": -95.30, "iwae": -86.05, "jvi": -85.28, "jvi[order=2]": -85.01},
    "jvi": {"elbo": -99.19, "iwae": -86.56, "jvi": -85.43, "jvi[order=2]": -85.14},
}
