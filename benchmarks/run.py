"""The bench: ``python -m benchmarks.run --estimators iwae,jvi``, or ``evidence-bench``.

Exit status: 0 all cells done, 1 some failed, 2 the request makes no sense, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.command import DONE, FAILED, INTERRUPTED, run_command, say
from benchmarks.threads import keep_freed_memory, spin_briefly

if TYPE_CHECKING:
    from benchmarks.settings import Settings
    from benchmarks.store import RunFolder
    from benchmarks.study import Plan, Progressed

NAME = "evidence-bench"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    return run_command(NAME, lambda: _main(arguments), interrupted="interrupted; finished cells are kept.")


def _main(arguments: Sequence[str] | None) -> int:
    from benchmarks import cli

    spin_briefly()
    keep_freed_memory()
    args = cli.parser().parse_args(arguments)
    if args.data_dir:  # read where a model first needs its data
        os.environ["EVIDENCE_BENCH_DATA"] = str(args.data_dir.absolute())
    return _list(args) if args.list else _run(args)


def _list(args: argparse.Namespace) -> int:
    """Everything that has a name, a plug-in's too; without one, torch stays out of it."""
    from benchmarks import cli

    if not args.plugin:
        cli.print_list()
        return DONE
    from benchmarks.plugins import load_plugins

    bench = load_plugins(tuple(map(str, args.plugin)))
    cli.print_list(tuple(bench.estimators.values()), tuple(bench.models.values()))
    return DONE


def _run(args: argparse.Namespace) -> int:
    folder, settings = _resolve(args)
    from benchmarks.device import check_device
    from benchmarks.memory import budget
    from benchmarks.plugins import load_plugins
    from benchmarks.provenance import provenance
    from benchmarks.study import described, make_plan, run_plan
    from models.files import CannotWrite

    check_device(settings)
    settings = replace(settings, memory=budget(settings))
    plan = make_plan(settings, load_plugins(settings.plugins))
    folder.create()
    for cell in folder.discard_unreadable(plan.cells):
        print(
            f"{cell.model} {cell.estimator} K={cell.k} cannot be read; it is measured again", file=sys.stderr
        )
    facts = provenance(settings) | _earlier(folder)
    folder.write_json("config.json", settings.to_json() | {"described": described(plan)})
    folder.write_json("provenance.json", facts)
    progressed = run_plan(plan, folder, facts)
    try:
        status = _conclude(folder, plan, progressed)
    except CannotWrite as error:
        progressed.stopped = progressed.stopped or str(error)
    if not progressed.stopped:
        return status
    kept = f"Finished cells are kept; go on with --resume --output {folder.path}"
    say(NAME, f"{progressed.stopped} {kept}")
    return FAILED


def _earlier(folder: RunFolder) -> dict[str, Any]:
    """What a resumed run keeps of the one before: its provenance, and the facts about its models."""
    from benchmarks.store import BadRunFolder

    if not (folder.path / "provenance.json").exists():
        return {}
    try:
        before = folder.read_json("provenance.json")
    except BadRunFolder:
        before = {"unreadable": True}
    kept = {key: before.get(key, {}) for key in ("models", "likelihood_forms")}
    return kept | {"earlier": [*before.pop("earlier", []), before]}


def _resolve(args: argparse.Namespace) -> tuple[RunFolder, Settings]:
    """The run folder and the settings: typed, or those of the run that is resumed."""
    from benchmarks import cli
    from benchmarks.store import RunFolder
    from models.errors import BadOption

    if args.resume:
        if args.output is None:
            raise BadOption("--resume continues a run; name its folder with --output.")
        folder = RunFolder(args.output)
        stored = folder.settings()
        cli.check_resume(stored, args)
        return folder, replace(stored, memory=args.memory or stored.memory)
    folder = RunFolder(args.output or _new_folder())
    if folder.used:
        raise BadOption(
            f"'{folder.path}' holds a run; add --resume to continue it, or choose another --output."
        )
    if folder.foreign:
        raise BadOption(f"'{folder.path}' holds other files and no run; choose another --output.")
    return folder, cli.settings_of(args)


def _new_folder() -> Path:
    import datetime

    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S")
    taken = [Path("runs") / stamp, *(Path("runs") / f"{stamp}-{i}" for i in range(2, 100))]
    return next(path for path in taken if not path.exists())


def _conclude(folder: RunFolder, plan: Plan, progressed: Progressed) -> int:
    """Tables, report, summary; the exit status."""
    from benchmarks.papers.show import print_sheets
    from benchmarks.papers.tables import write_sheets
    from benchmarks.results import write_tables
    from reports.read import read_run
    from reports.render import render_report
    from reports.terminal.summary import print_summary

    table = write_tables(folder, plan.cells)
    sheets = write_sheets(folder, plan.settings.study, plan.cells)
    report = render_report(folder.path)
    print_sheets(sheets)
    print_summary(read_run(folder.path), report)
    if progressed.interrupted:
        return INTERRUPTED
    return FAILED if progressed.failed or not len(table) else DONE


if __name__ == "__main__":
    sys.exit(main())
