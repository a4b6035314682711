"""The laws on your own estimators and models: ``python -m benchmarks.check mine.py``.

Exit status: 0 no law fails, 1 one does, 2 the request makes no sense, 130 interrupted, 143 by SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from evidence_bench.benchmarks.command.arguments import Parser
from evidence_bench.benchmarks.command.running import DONE, FAILED, run_command, typed_path

if TYPE_CHECKING:
    from evidence_bench.benchmarks.laws.subjects import Tried

NAME = "benchmarks.check"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    return run_command(NAME, lambda: _main(arguments))


def _main(arguments: Sequence[str] | None) -> int:
    args = _parser().parse_args(arguments)
    from evidence_bench.benchmarks.command.threads import keep_freed_memory, spin_briefly
    from evidence_bench.benchmarks.laws.subjects import Subjects
    from evidence_bench.benchmarks.study.plugins import load_plugins
    from evidence_bench.models.specs import split_list

    spin_briefly()
    keep_freed_memory()
    bench = load_plugins(tuple(map(str, args.plugins)))
    subjects = Subjects.of(bench, split_list(args.models), split_list(args.estimators))
    said: list[Tried] = []
    for tried in subjects.tried():
        if not args.json:
            _print(tried, first=not said or _of(said[-1]) != _of(tried))
        said.append(tried)
    failed = sum(tried.outcome.fails for tried in said)
    print(json.dumps([_plain(tried) for tried in said], indent=1) if args.json else _sum(said, failed))
    return FAILED if failed else DONE


def _parser() -> argparse.ArgumentParser:
    p = Parser(
        prog="python -m benchmarks.check",
        description="Hold estimators and models to the laws that the built-in ones are held to, and say of "
        "each law whether it holds, and by how much it does not. Laws with chance in them have fixed seeds "
        "and fail what is right in less than one of 10,000 cases.",
        epilog="Exit status 1 where a law fails. 'undecided': the draws cannot tell. 'does not apply': "
        "nothing is claimed, or there is nothing to try.",
    )
    p.add_argument(
        "plugins", nargs="*", type=typed_path, metavar="FILE", help="files that register estimators or models"
    )
    p.add_argument(
        "--models", default="", metavar="A,B", help="further models, on which estimators are tried too"
    )
    p.add_argument("--estimators", default="", metavar="A,B", help="further estimators, built-in ones too")
    p.add_argument("--json", action="store_true", help="print JSON in place of sentences")
    return p


def _of(tried: Tried) -> tuple[str, str]:
    return tried.kind, tried.subject


def _print(tried: Tried, *, first: bool) -> None:
    if first:
        print(f"{tried.kind} {tried.subject}")
    says = tried.outcome.says.upper() if tried.outcome.fails else tried.outcome.says
    print(f"  {says:<14}  {tried.law} ({tried.about}): {tried.outcome.sentence}", flush=True)


def _sum(said: list[Tried], failed: int) -> str:
    """How many laws say what."""
    counts = Counter(str(tried.outcome.says) for tried in said)
    words = {"holds": "held", "undecided": "undecided", "does not apply": "not applicable"}
    rest = ", ".join(f"{counts[says]} {verb}" for says, verb in words.items() if counts[says])
    verb = "law fails" if failed == 1 else "laws fail"
    return f"\n{failed or 'No'} {verb} of {len(said)} tried; {rest or 'no other was tried'}."


def _plain(tried: Tried) -> dict[str, Any]:
    figure, stderr = tried.outcome.figure, tried.outcome.stderr
    return {
        "kind": tried.kind,
        "subject": tried.subject,
        "law": tried.law,
        "about": tried.about,
        "says": str(tried.outcome.says),
        "sentence": tried.outcome.sentence,
        "figure": figure if abs(figure) < float("inf") else None,
        "stderr": stderr if abs(stderr) < float("inf") else None,
    }


if __name__ == "__main__":
    sys.exit(main())
