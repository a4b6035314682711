"""Speed: ``python -m benchmarks.speed`` times our log weights, their matrix products and other people's code.

Exit status: 0 done, 1 a measurement failed or a contender disagrees, 2 the request makes no sense,
130 interrupted, 143 by SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence_bench.benchmarks.command.running import DONE, FAILED, run_command, say
from evidence_bench.benchmarks.command.threads import keep_freed_memory, spin_briefly

NAME = "evidence-bench"
_STOPPED = "interrupted; no times were kept. Choose another --output for the next run."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    return run_command(NAME, lambda: _main(arguments), interrupted=_STOPPED)


def _main(arguments: Sequence[str] | None) -> int:
    from evidence_bench.benchmarks.throughput.options import parser
    from evidence_bench.models.errors import BenchError

    args = parser().parse_args(arguments)
    spin_briefly()
    keep_freed_memory()
    try:
        return _run(args)
    except BenchError:
        raise
    except (RuntimeError, MemoryError) as error:
        reason = str(error).strip().splitlines()
        early = f"the run ended early ({reason[0] if reason else 'no memory'})"
        say(NAME, f"{early}; give a smaller --samples or --points.")
        return FAILED


def _run(args: argparse.Namespace) -> int:
    from evidence_bench.benchmarks.record.folders import begun, refuse_used
    from evidence_bench.benchmarks.throughput.options import settings_of
    from evidence_bench.benchmarks.throughput.recording import prepare, record
    from evidence_bench.models.errors import BenchError
    from evidence_bench.reports.speed.page import render_speed

    settings = settings_of(args)
    if args.output:
        refuse_used(args.output)  # once more when it is taken; but say so at once
    facts = prepare(settings)
    with begun(args.output, settings.to_json(), "speed-") as folder:
        try:
            data = _measured(settings)
        except BenchError as error:
            say(NAME, error)
            return FAILED
        record(folder, data, facts)
        _tell(data, render_speed(folder.path), as_json=args.json)
        return DONE


def _measured(settings: Any) -> dict[str, Any]:
    from evidence_bench.benchmarks.throughput.measure import measure

    start = time.monotonic()

    def say(line: str) -> None:
        print(f"{time.monotonic() - start:5.0f} s  {line}", file=sys.stderr, flush=True)

    return measure(settings, say)


def _tell(data: dict[str, Any], report: Path, *, as_json: bool) -> None:
    from evidence_bench.benchmarks.throughput.headline import headline, lines

    if as_json:
        print(json.dumps(headline(data) | {"report": str(report)}, indent=1, allow_nan=False))
    else:
        print("\n".join([*lines(data), f"report: {report}"]))


if __name__ == "__main__":
    sys.exit(main())
