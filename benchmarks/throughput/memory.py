"""Peak memory, each work in a process of its own: what it needs above the imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import evidence_bench
from evidence_bench.models.errors import BenchError

ROOT = Path(evidence_bench.__file__).resolve().parents[1]
CODE = "from evidence_bench.benchmarks.throughput.child import main; main()"
Job = dict[str, Any]


class ChildFailed(BenchError):
    """A process that was to measure memory and ended otherwise."""


def peaks(job: Job) -> list[int]:
    """Peak bytes above the imports after each of the job's sizes, which grow: a running maximum.

    job: contender, layers (or latents), device, threads, chunk sizes, and ``sizes``, a list of (B, K).
    """
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", CODE],  # -P: no file of the current folder comes before ours
            input=json.dumps(job),
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=_environment(),
            check=False,
        )
    except OSError as error:
        raise ChildFailed(
            f"No process could be started to measure memory ({error}); free some memory."
        ) from error
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ChildFailed(
            f"The memory of '{job['contender']}' could not be measured "
            f"(exit status {done.returncode}: {last}); "
            "give a smaller --samples, or a machine with more memory."
        )
    found: list[int] = json.loads(done.stdout.splitlines()[-1])
    return found


def all_peaks(jobs: Sequence[Job], at_once: int) -> list[list[int]]:
    """``peaks`` of every job, ``at_once`` processes side by side: no time is taken while they run."""
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        return list(pool.map(peaks, jobs))


def _environment() -> dict[str, str]:
    """Ours, with these packages first on the import path wherever the command was started."""
    path = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {"PYTHONPATH": os.pathsep.join(path)}
