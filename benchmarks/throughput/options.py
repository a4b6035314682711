"""The command line of a speed run. Does not import torch."""

from __future__ import annotations

import argparse

from evidence_bench.benchmarks.command.arguments import Parser, count
from evidence_bench.benchmarks.command.running import typed_path
from evidence_bench.benchmarks.throughput.settings import FULL, QUICK, SpeedSettings
from evidence_bench.models.errors import BadOption

POINTS = 20


def parser() -> argparse.ArgumentParser:
    """All arguments; None means 'as --quick or the full run has it'."""
    p = Parser(
        prog="python -m benchmarks.speed",
        description="Time this project's log weights beside their matrix products alone, torch.distributions "
        "code, Pyro and pythae, in turn in one process; how time and memory grow; one HTML page.",
    )
    p.add_argument(
        "--quick", action="store_true", help="about 45 s on 2 cores: fewer rounds and sizes, a smaller K"
    )
    p.add_argument("--json", action="store_true", help="print one JSON object and nothing else to stdout")
    p.add_argument("--points", type=count, metavar="B", default=POINTS, help=f"data points ({POINTS})")
    p.add_argument(
        "--samples",
        type=count,
        metavar="K",
        help=f"samples of each point ({FULL.samples}; {QUICK.samples} with --quick)",
    )
    p.add_argument(
        "--largest", type=count, metavar="K", default=1_000_000, help="largest K of the growth (1,000,000)"
    )
    p.add_argument("--threads", type=count, metavar="N", help="CPU threads (default: torch's own choice)")
    p.add_argument("--device", default="cpu", help="cpu (default), cuda, cuda:1, ...")
    p.add_argument(
        "--output", type=typed_path, metavar="DIR", help="run folder (default: a new one under runs/)"
    )
    return p


def settings_of(args: argparse.Namespace) -> SpeedSettings:
    """What the arguments ask for."""
    effort = QUICK if args.quick else FULL
    if args.largest < min(effort.samples_grid):
        raise BadOption(f"--largest {args.largest} leaves no K to grow over; give at least 10.")
    return SpeedSettings(
        points=args.points,
        samples=args.samples or effort.samples,
        deep_samples=args.samples or effort.deep_samples,
        device=args.device,
        threads=args.threads,
        quick=args.quick,
        largest=args.largest,
    )
