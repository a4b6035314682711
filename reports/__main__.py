"""``python -m reports RUN``: make the HTML report of a run folder."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.command import DONE, run_command, typed_path


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the report, print its path; 0, or 2 with a sentence where the folder is no run."""
    return run_command("error", lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    asked = _parser().parse_args(arguments)
    from models.files import CannotWrite
    from reports.render import render_report  # here and below: --help needs none of it
    from reports.speed import is_speed, render_speed

    render = render_speed if is_speed(asked.run) else render_report
    try:
        print(render(asked.run, asked.output))
    except CannotWrite as error:
        sentence = f"{str(error).removesuffix('.')}, or give another file with --output."
        raise CannotWrite(sentence, full=error.full) from error
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m reports", description="Make the HTML report of a run: one file, readable offline."
    )
    parser.add_argument("run", type=typed_path, metavar="RUN", help="the run folder that the bench wrote")
    parser.add_argument(
        "--output", type=typed_path, metavar="FILE", help="where to write it (RUN/report.html)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
