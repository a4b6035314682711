"""``python -m reports RUN``: make the HTML report of a run folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report, print its path; 0, or 2 with a sentence where the folder is no run."""
    asked = _parser().parse_args(arguments)
    from models.errors import BenchError  # here and below: --help needs none of it
    from reports.render import render_report
    from reports.speed import is_speed, render_speed

    render = render_speed if is_speed(asked.run) else render_report
    try:
        print(render(asked.run, asked.output))
    except BenchError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reports", description="Make the HTML report of a run: one file, readable offline."
    )
    parser.add_argument("run", type=Path, metavar="RUN", help="the run folder that the bench wrote")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write it (RUN/report.html)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
