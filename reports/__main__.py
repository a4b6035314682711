"""``python -m reports RUN``: make the HTML report of a run folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from evidence_bench.benchmarks.command.arguments import Parser
from evidence_bench.benchmarks.command.running import DONE, run_command, say, typed_path
from evidence_bench.benchmarks.recommendations.budget import RECOMMEND, parse_budgets


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report, print its path; 0, or 2 with a sentence where the folder is no run."""
    return run_command("error", lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    asked = _parser().parse_args(arguments)
    from evidence_bench.models.files import CannotWrite

    try:
        print(_render(asked))
    except CannotWrite as error:
        sentence = f"{str(error).removesuffix('.')}, or give another file with --output."
        raise CannotWrite(sentence, full=error.full) from error
    return DONE


def _render(asked: argparse.Namespace) -> Path:
    """The page of a run or a speed run; recommendations are printed too, where they were asked for."""
    from evidence_bench.models.errors import BadOption  # here and below: --help needs none of it
    from evidence_bench.reports.read import read_run
    from evidence_bench.reports.render import REPORT, write_report
    from evidence_bench.reports.speed.page import is_speed, render_speed
    from evidence_bench.reports.terminal.answer import print_recommendations

    if is_speed(asked.run):
        if asked.recommend:
            raise BadOption("A speed run measures no error; give --recommend the folder of benchmarks.run.")
        return render_speed(asked.run, asked.output)
    run = read_run(asked.run)
    page = write_report(run, asked.output or asked.run / REPORT, asked.recommend)
    if asked.recommend:
        print_recommendations(run, asked.recommend)
    else:
        for notice in run.notices:
            say("warning", notice)
    return page


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m reports", description="Make the HTML report of a run: one file, readable offline."
    )
    parser.add_argument("run", type=typed_path, metavar="RUN", help="the run folder that the bench wrote")
    parser.add_argument(
        "--output", type=typed_path, metavar="FILE", help="where to write it (RUN/report.html)"
    )
    parser.add_argument("--recommend", type=parse_budgets, default=(), metavar="BUDGET", help=RECOMMEND)
    return parser


if __name__ == "__main__":
    sys.exit(main())
