"""The run folder of a speed run: what was asked, by what, and what was found."""

from __future__ import annotations

import importlib.metadata
import shlex
import sys
from typing import Any

from evidence_bench.benchmarks.record.provenance import now, provenance
from evidence_bench.benchmarks.record.store import RunFolder
from evidence_bench.benchmarks.study.device import check_device
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.benchmarks.throughput.headline import headline, rounds_csv
from evidence_bench.benchmarks.throughput.settings import MODEL, SpeedSettings

PEERS = ("pyro-ppl", "pythae")


def prepare(settings: SpeedSettings) -> dict[str, Any]:
    """Set the threads, check the device; the facts of provenance."""
    import torch

    as_study = _as_study(settings)
    check_device(as_study)
    if settings.threads:
        torch.set_num_threads(settings.threads)
    command = shlex.join(["python", "-m", "benchmarks.speed", *sys.argv[1:]])
    facts = provenance(as_study) | {"command": command}
    facts["versions"] |= {name: _version(name) for name in PEERS}
    for name in ("memory_budget_bytes", "plugins", "models", "seed"):
        facts.pop(name, None)
    return facts


def record(run: RunFolder, data: dict[str, Any], facts: dict[str, Any]) -> None:
    """speed.json, speed.csv and provenance.json."""
    run.write_json("provenance.json", facts | {"finished": now()})
    run.write_json("speed.json", data | {"headline": headline(data)})
    run.write("speed.csv", lambda file: file.write(rounds_csv(data).encode()))


def _as_study(settings: SpeedSettings) -> Settings:
    return Settings(
        models=(MODEL,),
        estimators=("iwae",),
        samples=(settings.samples,),
        replicates=1,
        points=settings.points,
        device=settings.device,
        dtype="float32",
        study="speed",
    )


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
