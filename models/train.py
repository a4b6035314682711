"""Train a model again: ``python -m models.train --out DIR`` writes a checkpoint and its card."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

    from models.digits import Digits
    from models.training import Objective, Trained, Training
    from models.vae import VAE

ARCHITECTURE = {"pixels": 64, "hidden": [64, 64], "latents": 2, "least_tail": 0.9}
TEST_DRAWS = 1000


def parser() -> argparse.ArgumentParser:
    """The command line; its defaults are those of the shipped checkpoint."""
    command = argparse.ArgumentParser(prog="python -m models.train", description=__doc__)
    command.add_argument("--data", choices=["digits"], default="digits", help="data set")
    command.add_argument("--objective", choices=["elbo", "iwae"], default="iwae", help="what is maximised")
    command.add_argument("--k", type=int, default=4, help="weights a data point")
    command.add_argument("--passes", type=int, default=120, help="passes over the training split")
    command.add_argument("--seed", type=int, default=0, help="of the initial weights, batches and noise")
    command.add_argument(
        "--out", type=Path, required=True, help="folder for digits-vae.safetensors and .json"
    )
    return command


def main(arguments: list[str] | None = None) -> int:
    """Train, measure on the test split, write the checkpoint; 0."""
    command = parser()
    given = command.parse_args(arguments)
    if min(given.k, given.passes) < 1 or given.seed < 0:
        command.error("--k and --passes must be at least 1 and --seed at least 0")
    import torch

    from models import checkpoint
    from models.digits import build_vae, load_digits
    from models.networks import initialise
    from models.randomness import keyed_generator
    from models.training import Training, train

    torch.set_num_threads(1)  # the order of float32 sums, and so the weights, depends on it
    digits = load_digits()
    options = Training(passes=given.passes, seed=given.seed, k=given.k)
    model = build_vae(ARCHITECTURE)
    initialise(model, keyed_generator((given.seed, "initial weights")))
    started = time.perf_counter()
    trained = train(model, digits.train, digits.validation, objective_of(given.objective), options, _progress)
    seconds = time.perf_counter() - started
    card = {
        **describe(digits, given, options, trained),
        "test": measure(trained.model, digits.test),
        "training_seconds": round(seconds, 1),
    }
    path = given.out / "digits-vae.safetensors"
    checkpoint.save(path, trained.model.state_dict(), card)
    print(path)
    return 0


def objective_of(name: str) -> Objective:
    """The reducer that is maximised."""
    from estimators.reducers import LogMeanExp, Mean

    return Mean() if name == "elbo" else LogMeanExp()


def describe(
    digits: Digits, given: argparse.Namespace, options: Training, trained: Trained
) -> dict[str, Any]:
    """The card, but for what was measured on the test split."""
    from dataclasses import asdict

    import torch

    from models.digits import SPLIT_SEED, SPLIT_SIZES, THRESHOLD

    return {
        "name": "digits-vae",
        "architecture": ARCHITECTURE,
        "data": {
            "name": "scikit-learn load_digits, 1797 images of 8 x 8 grey levels 0 to 16",
            "sha256": digits.sha256,
            "sha256_of": "the grey levels as bytes, row by row, in the order of load_digits",
            "binarisation": f"1 where the grey level is at least {THRESHOLD}, else 0",
            "split": SPLIT_SIZES,
            "split_seed": SPLIT_SEED,
        },
        "training": {
            "command": f"python -m models.train --data {given.data} --objective {given.objective} "
            f"--k {given.k} --passes {given.passes} --seed {given.seed} --out DIR",
            "objective": given.objective,
            "options": asdict(options),
            "chosen_pass": trained.best_pass,
            "chosen_by": "the highest objective on the validation split",
            "validation_objective": trained.validation,
            "torch": torch.__version__,
        },
    }


def measure(model: VAE, x: Tensor) -> dict[str, Any]:
    """Test ELBO and log-likelihood (nats a digit) with the standard errors over test digits."""
    import copy

    import torch

    from models.quadrature import log_evidence, weight_moments
    from models.randomness import keyed_generator
    from models.training import log_weights

    model = copy.deepcopy(model).double().requires_grad_(False)
    elbo = log_weights(model, x.double(), TEST_DRAWS, keyed_generator((0, "test ELBO"))).mean(-1)
    evidence, error = log_evidence(model, x)
    c2 = weight_moments(model, x)[0].c2
    root = torch.tensor(len(x)).double().sqrt()
    return {
        "elbo": float(elbo.mean()),
        "elbo_stderr": float(elbo.std() / root),
        "elbo_draws": TEST_DRAWS,
        "log_likelihood": float(evidence.mean()),
        "log_likelihood_stderr": float(evidence.std() / root),
        "largest_quadrature_error": float(error.max()),
        "c2_median": float(c2.median()),
        "c2_95_percent": float(c2.quantile(0.95)),
    }


def _progress(number: int, training: float, validation: float) -> None:
    print(f"pass {number}: training {training:.3f}, validation {validation:.3f} nats", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
