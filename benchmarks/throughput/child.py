"""What runs in the process of one work: import, look at the memory, work, look again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Read a job from standard input; print the list of its peaks, in bytes, as the last line."""
    from evidence_bench.benchmarks.command.threads import spin_briefly

    spin_briefly()
    job = json.load(sys.stdin)
    import torch

    from evidence_bench.benchmarks.throughput import field, subject

    if job["threads"]:
        torch.set_num_threads(job["threads"])
    device = torch.device(job["device"])
    _import_peers(job["contender"])
    if device.type == "cuda":
        torch.zeros(1, device=device)  # what the device itself needs is there before the first look
        torch.cuda.reset_peak_memory_stats(device)
    before, found = _peak(device), []
    with torch.no_grad():
        for points, samples in job["sizes"]:
            if job.get("latents"):
                one = subject.subject_of_width(job["latents"], points, samples, device)
            else:
                one = subject.layered_subject(job["layers"], points, samples, device)
            field.entrant(job["contender"], one, job["chunks"]).run()
            found.append(_peak(device) - before)
    print(json.dumps(found))


def _import_peers(name: str) -> None:
    """Imports count as imports, not as work."""
    import importlib

    if name.startswith("pyro"):
        importlib.import_module("pyro.infer.importance")
    if name == "pythae":
        importlib.import_module("pythae.models")


def _peak(device: Any) -> int:
    """On a GPU what its allocator gave out at most, else the largest resident set of this process.

    Linux hands ``ru_maxrss`` of a parent on to what it starts, so the program's own mark comes first.
    """
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize(device)
        return int(torch.cuda.max_memory_allocated(device))
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
    except (OSError, StopIteration):
        import resource

        unit = 1 if sys.platform == "darwin" else 1024
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
