"""Run a study: measure what is not finished, time it, derive the tables, write the report."""

from __future__ import annotations

import contextlib
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from evidence_bench.benchmarks.command.headway import watched
from evidence_bench.benchmarks.command.progress import Reporter
from evidence_bench.benchmarks.command.running import status_of
from evidence_bench.benchmarks.looking import Looks
from evidence_bench.benchmarks.measuring.latent_units import measured_units
from evidence_bench.benchmarks.measuring.measurement import Draw, Failure, measure, plan_draws, shared
from evidence_bench.benchmarks.measuring.memory import budget
from evidence_bench.benchmarks.measuring.subject import Loaded, Subject, load_model, subject_of
from evidence_bench.benchmarks.measuring.timing import FEWEST_ROUNDS, ROUNDS, Stopwatch
from evidence_bench.benchmarks.record.provenance import now, require_same_model
from evidence_bench.benchmarks.record.sources import FILE as SOURCES
from evidence_bench.benchmarks.record.sources import Sources
from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.benchmarks.study.plan import Plan
from evidence_bench.benchmarks.study.settings import Cell
from evidence_bench.models.errors import NotApplicable
from evidence_bench.models.files import CannotWrite
from evidence_bench.models.networks import softplus
from evidence_bench.models.vaes.card import declared_facts

TIMED_RUNS = 2 * ROUNDS + 1  # what timing a cell costs, in runs of it: warm-up, memory, and the timed


@dataclass
class Progressed:
    """How far the run came, as written to status.json.

    ``interrupted`` is the exit status of it, 0 where it was not; ``stopped`` says what could not be written.
    """

    failed: list[dict[str, Any]] = field(default_factory=list)
    not_applicable: list[dict[str, Any]] = field(default_factory=list)
    interrupted: int = 0
    stopped: str = ""


def run_plan(plan: Plan, folder: RunFolder, provenance: dict[str, Any]) -> Progressed:
    """Measure, then time, all that is not finished; whatever happens, the folder is left readable."""
    progressed = Progressed(not_applicable=list(plan.not_applicable))
    try:
        folder.write_json("provenance.json", provenance)
        folder.write_json(SOURCES, plan.sources.to_json())
        folder.write_json("status.json", _not_ended(plan))
        with Reporter(_total_work(plan, folder)) as reporter:
            work = _Work(plan, folder, progressed, reporter)
            subjects = work.measure_all(provenance)
            provenance["likelihood_forms"] = provenance.get("likelihood_forms", {}) | softplus.chosen()
            work.measure_times(subjects)
    except KeyboardInterrupt as error:
        progressed.interrupted = status_of(error)
    except CannotWrite as error:
        progressed.stopped = str(error)
    provenance["finished"] = now()
    with contextlib.suppress(CannotWrite):  # the sentence is there already, and these are small
        folder.write_json("provenance.json", provenance)
        folder.write_json(SOURCES, Sources.now(plan.bench.files()).to_json())  # with what was imported late
        _write_status(plan, folder, progressed)
    return progressed


@dataclass(frozen=True)
class _Work:
    """The loop over models, draws and cells; an error fails the cells it touches, and no others."""

    plan: Plan
    folder: RunFolder
    progressed: Progressed
    reporter: Reporter

    def measure_all(self, provenance: dict[str, Any]) -> dict[str, Subject]:
        """Every draw of every model; returns the subjects that could be made."""
        subjects = {}
        record = provenance.setdefault("looks", {})
        looks = Looks(self.plan.estimators, self.plan.settings.look, record)
        for name in dict.fromkeys(cell.model for cell in self.plan.cells):
            cells = [cell for cell in self.plan.cells if cell.model == name]
            if self._complete(name, cells):
                continue
            with watched(partial(self.reporter.part, name)):
                subject = self._measure_model(name, cells, looks, provenance["models"])
            if subject:
                subjects[name] = subject
        return subjects

    def _measure_model(
        self, name: str, cells: list[Cell], looks: Looks, facts: dict[str, Any]
    ) -> Subject | None:
        """Every draw of a model, what it tells of itself into ``facts``; None where it cannot be made."""
        try:
            loaded = load_model(self.plan.text_of(name), self.plan.settings, self.plan.bench.models, name)
            told = declared_facts(loaded.model)
            require_same_model(name, facts.get(name, {}), told)
            cells = self._sound(looks, loaded, cells)
            if not cells:
                return None
            subject = subject_of(loaded, self.plan.settings)
        except Exception as error:
            for cell in cells:
                self._failed(Failure.of(cell, error))
            return None
        facts[name] = told
        _write_truth(self.folder, subject)
        for draw in self._draws(subject, cells):
            self._measure(draw)
        self._measure_units(subject, cells)
        return subject

    def _sound(self, looks: Looks, loaded: Loaded, cells: list[Cell]) -> list[Cell]:
        """The cells that a look lets be measured; BadModel where it finds the model at fault."""
        of = loaded.name, loaded.model, loaded.x
        for note in looks.of_model(*of):
            self.reporter.cell(cells[0], f"note: {note}")
        found = looks.of_estimators(*of, cells)
        for cell in cells:
            if cell.estimator in found:
                self._failed(Failure(cell, found[cell.estimator]))
        return [cell for cell in cells if cell.estimator not in found]

    def _complete(self, name: str, cells: list[Cell]) -> bool:
        settings = self.plan.settings
        timed = not settings.timed or all(self.folder.timed(cell) for cell in cells)
        units = not settings.units or self.folder.has_units(name)
        return timed and units and all(self.folder.finished(cell) for cell in cells)

    def _measure_units(self, subject: Subject, cells: list[Cell]) -> None:
        """A model whose units cannot be measured keeps its cells and has no units."""
        if not self.plan.settings.units or self.folder.has_units(subject.name):
            return
        try:
            self.folder.save_units(subject.name, measured_units(subject))
        except NotApplicable as error:
            self.reporter.cell(cells[0], f"units not applicable: {error}")
            self.folder.save_units(subject.name, {"layers": [], "reason": str(error)})

    def measure_times(self, subjects: dict[str, Subject]) -> None:
        """Each measured cell alone, after all measuring; the cells of a model take turns."""
        if not self.plan.settings.timed:
            return
        for name, subject in subjects.items():
            cells = [cell for cell in self.plan.cells if cell.model == name]
            todo = [cell for cell in cells if self.folder.finished(cell) and not self.folder.timed(cell)]
            memory = budget(self.plan.settings)
            watches = {c: Stopwatch(subject, self.plan.estimators[c.estimator], c.k, memory) for c in todo}
            try:
                for _ in range(ROUNDS):
                    for cell in todo:
                        self._time(cell, watches)
            finally:  # an interrupt keeps what is enough for a standard error
                for cell, watch in watches.items():
                    if watch.rounds >= FEWEST_ROUNDS:
                        self.folder.save_timing(cell, asdict(watch.timing()))
                        self.reporter.cell(cell, f"timed, {watch.timing().seconds:.3g} s")

    def _draws(self, subject: Subject, cells: list[Cell]) -> list[Draw]:
        todo = [(c, self.plan.estimators[c.estimator]) for c in cells if not self.folder.finished(c)]
        return plan_draws(todo, subject, self.plan.settings.samples)

    def _measure(self, draw: Draw) -> None:
        for outcome in measure(draw, self.plan.settings):
            if isinstance(outcome, Failure):
                self._failed(outcome)
            else:
                code = self.plan.code(outcome.cell)
                self.folder.save_cell(outcome.cell, outcome.facts, outcome.arrays, code)
                self.reporter.cell(outcome.cell, "measured")
        self.reporter.advance(draw.k * self.plan.settings.replicates)

    def _time(self, cell: Cell, watches: dict[Cell, Stopwatch]) -> None:
        """One round of one cell; a cell that fails is timed no more."""
        if cell in watches:
            try:
                watches[cell].round()
            except Exception as error:
                self._failed(Failure.of(cell, error))
                del watches[cell]
        self.reporter.advance(cell.k * TIMED_RUNS / ROUNDS)

    def _failed(self, failure: Failure) -> None:
        said = asdict(failure.cell) | {"reason": failure.reason}
        if failure.applicable:
            self.progressed.failed.append(said | {"detail": failure.detail})
        else:
            self.progressed.not_applicable.append(said)
        what = "failed" if failure.applicable else "not applicable"
        self.reporter.cell(failure.cell, f"{what}: {failure.reason}")


def _total_work(plan: Plan, folder: RunFolder) -> float:
    """Evaluations a point: each sampler of a model draws once, each cell is timed alone."""
    settings, total = plan.settings, 0.0
    todo = [(c, plan.estimators[c.estimator]) for c in plan.cells if not folder.finished(c)]
    for model in dict.fromkeys(cell.model for cell, _ in todo):
        draws = shared([pair for pair in todo if pair[0].model == model], settings.samples)
        total += sum(k * settings.replicates for k, _ in draws)
    untimed = [c for c in plan.cells if settings.timed and not folder.timed(c)]
    return total + sum(c.k * TIMED_RUNS for c in untimed)


def _write_truth(folder: RunFolder, subject: Subject) -> None:
    """How the reference of this model was obtained, into its description in config.json."""
    config = folder.read_json("config.json")
    for model in config["described"]["models"]:
        if model["name"] == subject.name:
            model["truth"] = subject.truth
    folder.write_json("config.json", config)


def _not_ended(plan: Plan) -> dict[str, Any]:
    """status.json from the start on: what holds of a run that is killed."""
    return {
        "total": len(plan.cells),
        "interrupted": True,
        "not_applicable": plan.not_applicable,
        "failed": [],
    }


def _write_status(plan: Plan, folder: RunFolder, progressed: Progressed) -> None:
    finished = sum(folder.finished(cell) for cell in plan.cells)
    folder.write_json(
        "status.json",
        {
            "finished": finished,
            "total": len(plan.cells),
            "interrupted": bool(progressed.interrupted or progressed.stopped),
            "not_applicable": progressed.not_applicable,
            "failed": progressed.failed,
        },
    )
