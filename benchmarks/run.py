"""The bench: ``python -m benchmarks.run --estimators iwae,jvi``, or ``evidence-bench``.

Exit status: 0 all cells done, 1 some failed, 2 the request makes no sense, 130 interrupted, 143 by
SIGTERM.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from evidence_bench.benchmarks.command.running import DONE, FAILED, run_command, say
from evidence_bench.benchmarks.command.threads import keep_freed_memory, spin_briefly

if TYPE_CHECKING:
    from evidence_bench.benchmarks.measuring.loop import Progressed
    from evidence_bench.benchmarks.recommendations.budget import Budget
    from evidence_bench.benchmarks.record.store import RunFolder
    from evidence_bench.benchmarks.study.plan import Plan
    from evidence_bench.benchmarks.study.settings import Cell, Settings

NAME = "evidence-bench"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    return run_command(
        NAME,
        lambda: _main(arguments),
        interrupted="interrupted; finished cells are kept.",
        smaller="lower --points, --replicates or --samples; finished cells are kept",
    )


def _main(arguments: Sequence[str] | None) -> int:
    from evidence_bench.benchmarks.study import cli

    spin_briefly()
    keep_freed_memory()
    args = cli.parser().parse_args(arguments)
    if args.data_dir:  # read where a model first needs its data
        os.environ["EVIDENCE_BENCH_DATA"] = str(args.data_dir.absolute())
    return _list(args) if args.list else _run(args)


def _list(args: argparse.Namespace) -> int:
    """Everything that has a name, a plug-in's too; without one, torch stays out of it."""
    from evidence_bench.benchmarks.study.cli import EVERYTHING
    from evidence_bench.benchmarks.study.listing import print_list

    only = None if args.list == EVERYTHING else args.list
    if not args.plugin:
        print_list(only=only)
        return DONE
    from evidence_bench.benchmarks.study.plugins import load_plugins

    bench = load_plugins(tuple(map(str, args.plugin)))
    print_list(bench.estimators.values(), bench.models.values(), only)
    return DONE


def _run(args: argparse.Namespace) -> int:
    from evidence_bench.benchmarks.record.configuration import configuration
    from evidence_bench.benchmarks.record.folders import begun, refuse_used
    from evidence_bench.benchmarks.record.provenance import provenance
    from evidence_bench.benchmarks.study import cli
    from evidence_bench.benchmarks.study.plan import described

    cli.check_together(args)
    if args.resume:
        return _resume(args)
    if args.output:
        refuse_used(args.output)  # once more when it is taken; but say so at once
    plan = _planned(cli.settings_of(args))
    with begun(args.output, configuration(plan.settings, described(plan))) as folder:
        return _measure(plan, folder, provenance(plan.settings), args.recommend)


def _resume(args: argparse.Namespace) -> int:
    """Go on in the folder, as far as nothing changed since that decides a number."""
    from evidence_bench.benchmarks.record.configuration import configuration
    from evidence_bench.benchmarks.record.provenance import provenance
    from evidence_bench.benchmarks.record.store import CONFIG, RunFolder
    from evidence_bench.benchmarks.study import cli, resuming
    from evidence_bench.benchmarks.study.plan import described
    from evidence_bench.models.taken import taken

    folder = RunFolder(args.output)
    cli.check_resume(folder.settings, args)
    with taken(folder.path):
        look = folder.settings.look if args.look is None else args.look
        stored = replace(folder.settings, memory=args.memory or folder.settings.memory, look=look)
        plan = _planned(stored, resuming.names_of(folder))
        for cell in folder.discard_unreadable(plan.cells):
            _again(cell, "cannot be read")
        before = resuming.earlier(folder)
        for cell in resuming.require_same_code(plan, folder, remeasure=args.remeasure):
            _again(cell, "was measured by other code")
        for cell in resuming.discard_changed_models(plan, folder, before) if args.remeasure else ():
            _again(cell, "was measured on another model")
        facts = provenance(plan.settings) | resuming.with_cells(plan, folder, before)
        truths = resuming.truths_of(folder)
        folder.write_json(CONFIG, configuration(plan.settings, described(plan, truths)))
        return _measure(plan, folder, facts, args.recommend)


def _planned(settings: Settings, names: Mapping[str, str] | None = None) -> Plan:
    from evidence_bench.benchmarks.measuring.memory import budget
    from evidence_bench.benchmarks.study.device import check_device
    from evidence_bench.benchmarks.study.plan import make_plan
    from evidence_bench.benchmarks.study.plugins import load_plugins

    check_device(settings)
    settings = replace(settings, memory=budget(settings))
    return make_plan(settings, load_plugins(settings.plugins), names)


def _again(cell: Cell, why: str) -> None:
    print(f"{cell.model} {cell.estimator} K={cell.k} {why}; it is measured again", file=sys.stderr)


def _measure(plan: Plan, folder: RunFolder, facts: dict[str, Any], budgets: Sequence[Budget]) -> int:
    """All that is not finished, in a folder that is ours; the exit status."""
    from evidence_bench.benchmarks.measuring.loop import run_plan
    from evidence_bench.models.files import CannotWrite

    progressed, status = run_plan(plan, folder, facts), FAILED
    try:
        status = _conclude(folder, plan, progressed, budgets)
    except CannotWrite as error:
        progressed.stopped = progressed.stopped or str(error)
    if not progressed.stopped:
        return status
    kept = f"Finished cells are kept; go on with --resume --output {folder.path}"
    say(NAME, f"{progressed.stopped} {kept}")
    return FAILED


def _conclude(folder: RunFolder, plan: Plan, progressed: Progressed, budgets: Sequence[Budget]) -> int:
    """Tables, report, summary, with recommendations at the budgets; the exit status."""
    from evidence_bench.benchmarks.papers.show import print_sheets
    from evidence_bench.benchmarks.papers.tables import write_sheets
    from evidence_bench.benchmarks.record.results import write_tables
    from evidence_bench.reports.read import read_run
    from evidence_bench.reports.render import REPORT, write_report
    from evidence_bench.reports.terminal.summary import print_summary

    table = write_tables(folder, plan.cells)
    sheets = write_sheets(folder, plan.settings.study, plan.cells)
    run = read_run(folder.path)
    report = write_report(run, folder.path / REPORT, budgets)
    print_sheets(sheets)
    print_summary(run, report, budgets)
    if progressed.interrupted:
        return progressed.interrupted
    return FAILED if progressed.failed or not len(table) else DONE


if __name__ == "__main__":
    sys.exit(main())
