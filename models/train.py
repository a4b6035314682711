"""Train a model: ``python -m models.train --data mnist --objective iwae --k 50 --passes 100 --out DIR``."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evidence_bench.models.training.objectives import Maximised
    from evidence_bench.models.training.recipe import Recipe

NAME = "models.train"
RESERVED = ("state", "curve", "..")  # what else is in the folder of a run
OBJECTIVES = ("elbo", "iwae", "jvi", "prior", "iwae-kl")
SCHEDULES = ("held", "cosine", "stages", "constant")


def parser() -> argparse.ArgumentParser:
    """The command line; None means 'as usual for the data', which --help tells."""
    from evidence_bench.benchmarks.command.arguments import Parser
    from evidence_bench.benchmarks.command.running import typed_path

    p = Parser(prog="python -m models.train", description=__doc__)
    p.add_argument("--data", default=None, help="data set: digits (default), mnist, omniglot28, ...")
    p.add_argument("--data-dir", type=typed_path, help="folder with a local copy of the data sets")
    p.add_argument(
        "--binarisation", choices=["dynamic", "fixed", "none"], help="default: the data set's usual"
    )
    p.add_argument("--layers", type=int, choices=[1, 2], default=None, help="stochastic layers (default 1)")
    p.add_argument(
        "--observation",
        choices=("bernoulli", "gaussian"),
        help="of a pixel: bernoulli (default) or, for grey levels (--binarisation none), gaussian",
    )
    p.add_argument("--latent", choices=("gaussian", "bernoulli"), help="gaussian (default) or bernoulli")
    p.add_argument("--objective", choices=OBJECTIVES, help="what is maximised (default elbo; digits: iwae)")
    p.add_argument("--k", type=int, help="weights a data point (default 4; elbo: 1, but digits 4)")
    p.add_argument(
        "--follow",
        type=int,
        metavar="M",
        help="carry the gradient through M of the k weights, without bias: faster where k is large",
    )
    p.add_argument("--order", type=int, default=None, help="order of the jackknife of jvi (default 1)")
    p.add_argument("--passes", type=int, help="passes over the training split (default 100; digits: 120)")
    p.add_argument("--batch", type=int, help="images a step (default 20; digits: 50)")
    p.add_argument("--learning-rate", type=float, help="at the start (default 0.001; digits: 0.003)")
    p.add_argument(
        "--schedule",
        choices=SCHEDULES,
        help="held: constant for half the passes, then a cosine to 0 (default); cosine (digits); "
        "stages: those of Burda et al., scaled to --passes; constant",
    )
    p.add_argument("--seed", type=int, default=None, help="of first weights, batches and noise (default 0)")
    p.add_argument("--threads", type=int, default=None, help="cores (default 1); results depend on it")
    p.add_argument(
        "--save-every", type=int, default=None, metavar="N", help="keep the state after every N passes"
    )
    p.add_argument(
        "--out", type=typed_path, required=True, metavar="DIR", help="folder for all that is written"
    )
    p.add_argument("--name", help="of the checkpoint (default: such as mnist-iwae50-1l)")
    p.add_argument("--resume", action="store_true", help="go on with the run in --out after a stop")
    p.add_argument(
        "--from",
        dest="origin",
        metavar="CHECKPOINT",
        help="start from these weights: a shipped name, a file, or the folder of a run",
    )
    p.add_argument("--continue-as", choices=OBJECTIVES, help="with --from: the objective to go on with")
    p.add_argument("--test-samples", type=int, default=5000, help="for the test likelihood on the card")
    p.add_argument(
        "--half",
        action="store_true",
        help="keep the weights rounded to float16, in half the space",
    )
    return p


def main(arguments: list[str] | None = None) -> int:
    """Train, measure on the test split, write checkpoint, card, curve and plot. 0, or 2 with a sentence."""
    from evidence_bench.benchmarks.command.running import DONE, FAILED, REFUSED, run_command, say
    from evidence_bench.models.files import CannotWrite

    def work() -> int:
        given = parser().parse_args(arguments)
        try:
            print(_run(given))
        except CannotWrite as error:
            say(NAME, f"{error} {_kept(given.out)}".rstrip())
            return FAILED if error.full else REFUSED
        return DONE

    smaller = "lower --k, --batch or --test-samples"
    return run_command(NAME, work, interrupted="interrupted; go on with --resume.", smaller=smaller)


def _kept(out: Path) -> str:
    from evidence_bench.models.training import job

    return "The last state is kept; go on with --resume." if job.started(out) else ""


def _run(given: argparse.Namespace) -> Path:
    from evidence_bench.models.taken import taken
    from evidence_bench.models.training import job
    from evidence_bench.models.training.choices import recipe_of

    _check_arguments(given)
    recipe = job.resumed(given.out) if given.resume else recipe_of(given)
    objective = objective_of(recipe)
    _check_name(given.out, given.name or recipe.name)
    _make_folder(given.out)
    with taken(given.out), _threads(recipe.threads):
        if not given.resume:
            _refuse_used(given.out)  # another training may have been here since
        return job.run(
            recipe,
            objective,
            out=given.out,
            data_dir=given.data_dir,
            name=given.name,
            samples=given.test_samples,
            start=given.origin,
            resume=given.resume,
            half=given.half,
        )


@contextlib.contextmanager
def _threads(number: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _check_arguments(given: argparse.Namespace) -> None:
    from evidence_bench.models.errors import BadOption

    if given.test_samples < 1:
        raise BadOption(f"--test-samples is at least 1, not {given.test_samples}.")
    if given.name is not None and (given.name in RESERVED or Path(given.name).stem != given.name):
        raise BadOption(f"--name is a plain name other than {' and '.join(RESERVED)}, not '{given.name}'.")
    if given.resume:
        _refuse_typed(given)
    else:
        _refuse_used(given.out)


def _refuse_used(out: Path) -> None:
    from evidence_bench.models.errors import BadOption
    from evidence_bench.models.training import job

    if job.started(out):
        raise BadOption(f"'{out}' holds a training already; add --resume, or name another folder in --out.")


def _check_name(out: Path, name: str) -> None:
    """What the checkpoint is written to when all is trained must be a file that can be."""
    from evidence_bench.models.errors import BadOption
    from evidence_bench.models.files import longest_name

    most = longest_name(next(path for path in (out, *out.absolute().parents) if path.exists()))
    if len(os.fsencode(f"{name}.safetensors")) > most:
        raise BadOption(f"'{name}.safetensors' is a name of more than {most} bytes; give a shorter --name.")
    if (out / f"{name}.safetensors").is_dir():
        raise BadOption(f"'{out / name}.safetensors' is a folder; give another --name.")


def _make_folder(out: Path) -> None:
    from evidence_bench.models.errors import BadOption

    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadOption(f"--out: '{out}' cannot be a folder ({error.strerror}); name another.") from error


_FREE = {"out", "resume", "data_dir", "name", "test_samples", "half"}  # what may be typed with --resume


def _refuse_typed(given: argparse.Namespace) -> None:
    from evidence_bench.models.errors import BadOption

    typed = [key for key, value in vars(given).items() if key not in _FREE and value is not None]
    if typed:
        option = "--" + typed[0].replace("origin", "from").replace("_", "-")
        raise BadOption(f"--resume goes on with the options of the run; leave out {option}.")


def objective_of(recipe: Recipe) -> Maximised:
    """The function of log weights that the recipe names."""
    from evidence_bench.estimators.reducers import Jackknife, LogMeanExp, Mean
    from evidence_bench.models.training.objectives import Objective, Reduce
    from evidence_bench.models.training.thinned import Thinned

    named: dict[str, Reduce] = {"elbo": Mean(), "jvi": Jackknife(recipe.order)}
    objective = Objective(
        named.get(recipe.objective, LogMeanExp()),
        recipe.k,
        from_prior=recipe.objective == "prior",
        further_kl=float(recipe.objective == "iwae-kl"),
        judge=LogMeanExp() if recipe.objective == "jvi" else None,  # jvi is no bound
    )
    return Thinned(objective, recipe.follow) if recipe.follow else objective


if __name__ == "__main__":
    sys.exit(main())
