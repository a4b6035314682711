"""The command line of the bench: arguments and their defaults. Does not import torch."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

from evidence_bench.benchmarks.command.arguments import Parser, count
from evidence_bench.benchmarks.command.running import typed_path
from evidence_bench.benchmarks.recommendations.budget import RECOMMEND, parse_budgets
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.benchmarks.study.studies import find_study
from evidence_bench.models.errors import BadOption
from evidence_bench.models.specs import split_list
from evidence_bench.models.vaes.checkpoint_names import resolved

# Arguments that say what is measured, by the field of Settings that they fill.
_SETTING = {
    "models": "models",
    "estimators": "estimators",
    "samples": "samples",
    "replicates": "replicates",
    "points": "points",
    "seed": "seed",
    "device": "device",
    "dtype": "dtype",
    "memory": "memory",
    "plugin": "plugins",
    "reference": "reference",
    "look": "look",
}

EVERYTHING = "*"  # what --list lists without a name


def parser() -> argparse.ArgumentParser:
    """All arguments; None means 'as the study has it'."""
    p = Parser(
        prog="evidence-bench",
        description="Measure estimators of log p(x) against known truth: bias, variance, cost and speed, "
        "each with a standard error, in one HTML report.",
        epilog="Options of an estimator or model: jvi[order=2], or jvi:order=2 where brackets are special. "
        "sampler+reducer combines two, as in student-t+jvi.",
    )
    p.add_argument("--estimators", type=_names, metavar="A,B", help="estimators to compare (see --list)")
    p.add_argument("--models", type=_names, metavar="A,B", help="models to measure on (see --list)")
    p.add_argument("--samples", type=_counts, metavar="K,K", help="numbers of samples K, such as 1,8,64")
    p.add_argument("--replicates", type=count, metavar="R", help="independent repetitions of each estimate")
    p.add_argument("--points", type=count, metavar="B", help="data points")
    p.add_argument("--seed", type=int, help="root of all randomness (default 0)")
    p.add_argument("--device", help="cpu (default), cuda, cuda:1, ...")
    p.add_argument("--dtype", choices=("float32", "float64"), help="default: each model's own")
    p.add_argument(
        "--memory",
        type=_mebibytes,
        metavar="MIB",
        help="bound on a chunk's tensors (default: by device)",
    )
    p.add_argument(
        "--reference",
        choices=("adaptive", "annealed", "combined", "none"),
        help="log p(x) where a model does not know it: long adaptive runs (default), annealed chains, the "
        "mean of both, or left open; simulated data with known latents get bounds from both sides",
    )
    p.add_argument(
        "--no-check",
        dest="look",
        action="store_const",
        const=False,
        help="measure without a look first: models that are random, couple their rows or write into their "
        "arguments are measured too, and the report says that they may be",
    )
    p.add_argument(
        "--data-dir",
        type=typed_path,
        metavar="DIR",
        help="local copy of the data sets (else EVIDENCE_BENCH_DATA)",
    )
    p.add_argument(
        "--output", type=typed_path, metavar="DIR", help="run folder (default: a new one under runs/)"
    )
    p.add_argument(
        "--plugin", type=typed_path, action="append", metavar="FILE", help="your estimators or models"
    )
    p.add_argument("--study", default=None, help="a named study to start from (default: default)")
    p.add_argument("--resume", action="store_true", help="continue in --output: only what is not finished")
    p.add_argument(
        "--remeasure",
        action="store_true",
        help="with --resume: measure again what a changed plug-in, model or version of this program measured",
    )
    p.add_argument("--recommend", type=parse_budgets, default=(), metavar="BUDGET", help=RECOMMEND)
    p.add_argument(
        "--list",
        nargs="?",
        const=EVERYTHING,
        metavar="NAME",
        help="list estimators, models and studies with their options, or the one of that name, then stop",
    )
    return p


def settings_of(args: argparse.Namespace) -> Settings:
    """The settings that the arguments ask for, on top of their study."""
    return replace(find_study(args.study or "default").settings, **given(args))


def given(args: argparse.Namespace) -> dict[str, Any]:
    """Only what was typed, by field of Settings."""
    typed = {field: getattr(args, name) for name, field in _SETTING.items()}
    typed = {field: value for field, value in typed.items() if value is not None}
    if "plugins" in typed:
        typed["plugins"] = tuple(dict.fromkeys(str(Path(p).resolve()) for p in args.plugin))
    if "models" in typed:
        typed["models"] = tuple(dict.fromkeys(map(resolved, args.models)))
    if args.study is not None:
        typed["study"] = args.study
    return typed


def _names(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(split_list(text)))
    if not names:
        raise argparse.ArgumentTypeError("the list is empty; name at least one")
    return names


def _counts(text: str) -> tuple[int, ...]:
    counts = tuple(sorted({count(part) for part in split_list(text)}))
    if not counts:
        raise argparse.ArgumentTypeError("the list is empty; name at least one")
    return counts


def _mebibytes(text: str) -> int:
    return count(text) * 2**20


def check_together(args: argparse.Namespace) -> None:
    """BadOption for options that ask for something only together with others."""
    if args.resume and args.output is None:
        raise BadOption("--resume continues a run; name its folder with --output.")
    if args.remeasure and not args.resume:
        raise BadOption("--remeasure goes on with a run; add --resume and the folder in --output.")


def check_resume(stored: Settings, args: argparse.Namespace) -> None:
    """A resumed run must mean the same study: BadOption names what differs."""
    asked = given(args)
    free = {"memory", "study", "look"}  # none changes a result
    differs = [f for f, value in asked.items() if f not in free and getattr(stored, f) != value]
    if differs:
        raise BadOption(
            f"--resume continues the run as it was, and this one had another {', '.join(differs)}; "
            "leave that out, or choose another --output."
        )
