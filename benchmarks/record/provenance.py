"""Where the numbers of a run came from: code, versions, machine, seeds, files."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evidence_bench.benchmarks.record.sources import digest_of, file_hash, project_files
from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.models.errors import NotApplicable

PACKAGES = (
    *("evidence-bench", "torch", "numpy", "scipy", "pandas", "seaborn"),
    *("safetensors", "scikit-learn", "msgspec"),
)


def provenance(settings: Settings) -> dict[str, Any]:
    """Plain facts for provenance.json; what cannot be found out is null."""
    import torch

    return {
        "started": now(),
        "finished": None,
        "command": shlex.join(["python", "-m", "benchmarks.run", *sys.argv[1:]]),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": _dirty(),
        "code": digest_of(project_files()),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
        "cpu": _cpu(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "threads": torch.get_num_threads(),
        "omp": {name: value for name, value in os.environ.items() if name.startswith(("OMP_", "GOMP_"))},
        "device": settings.device,
        "device_name": _device_name(settings.device),
        "dtype": settings.dtype or "each model's own",
        "seed": settings.seed,
        "memory_budget_bytes": settings.memory,
        "plugins": {path: file_hash(Path(path)) for path in settings.plugins},
        "models": {},
    }


def require_same_model(name: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Nothing, or NotApplicable where a run that is resumed began on another checkpoint or other data."""
    differs = what_differs(before, now)
    if differs:
        raise NotApplicable(
            f"The {differs} of '{name}' is not the one that this run began with; restore it, or add "
            "--remeasure to --resume."
        )


def what_differs(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """'checkpoint' or 'data' where the facts about a model tell of another; else empty."""
    known = (("checkpoint_sha256", "checkpoint"), ("data_sha256", "data"))
    return next((what for key, what in known if key in before and before[key] != now.get(key)), "")


def now() -> str:
    """The time in UTC, to the second."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _git(*words: str) -> str | None:
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        command = ["git", "-C", str(root), *words]
        done = subprocess.run(command, capture_output=True, timeout=10, encoding="utf-8", errors="replace")
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def _dirty() -> bool | None:
    status = _git("status", "--porcelain")
    return None if status is None else bool(status)


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


def _device_name(device: str) -> str | None:
    import torch

    return torch.cuda.get_device_name(device) if device.startswith("cuda") else None
