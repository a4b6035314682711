"""The times of two runs, cell by cell: ``python -m benchmarks.compare A B``.

Exit status: 0 whatever the verdicts, 1 with --fail-if-slower where a cell is slower, 2 where the two runs
cannot be compared.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from evidence_bench.benchmarks.command.arguments import Parser
from evidence_bench.benchmarks.command.running import DONE, FAILED, run_command, typed_path

NAME = "benchmarks.compare"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    return run_command(NAME, lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    args = _parser().parse_args(arguments)
    from evidence_bench.benchmarks.record.run_times import compare_runs
    from evidence_bench.benchmarks.record.time_summary import as_json, print_comparison

    compared = compare_runs(args.before, args.after, args.margin, force=args.force)
    if args.json:
        print(as_json(compared))
    else:
        print_comparison(compared)
    return FAILED if args.fail_if_slower and compared.count("slower") else DONE


def _parser() -> argparse.ArgumentParser:
    p = Parser(
        prog="python -m benchmarks.compare",
        description="Compare the times of two runs of the bench: for each cell that both timed, the ratio "
        "B / A with its 95% interval, and whether B is slower, faster, the same, or undecided. Verdicts are "
        "corrected for the number of cells (Holm): where nothing changed, at most one comparison in twenty "
        "names any cell.",
    )
    p.add_argument("before", type=typed_path, metavar="A", help="run folder to compare with")
    p.add_argument("after", type=typed_path, metavar="B", help="run folder that is judged")
    p.add_argument(
        "--margin",
        type=_margin,
        default=0.05,
        metavar="SHARE",
        help="changes up to this share count as none (default 0.05)",
    )
    p.add_argument("--force", action="store_true", help="compare though machine or settings differ")
    p.add_argument("--json", action="store_true", help="print JSON in place of the table")
    p.add_argument("--fail-if-slower", action="store_true", help="exit with 1 where a cell is slower")
    return p


def _margin(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < 10:
        raise argparse.ArgumentTypeError(f"'{text}' is not a share above 0, such as 0.05")
    return value


if __name__ == "__main__":
    sys.exit(main())
