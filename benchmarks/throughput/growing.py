"""How this project's time and memory grow with K, B and L."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import torch

from evidence_bench.benchmarks.statistics.medians import median_interval
from evidence_bench.benchmarks.throughput.growth import fit_exponent
from evidence_bench.benchmarks.throughput.memory import Job
from evidence_bench.benchmarks.throughput.ours import Own
from evidence_bench.benchmarks.throughput.settings import SpeedSettings
from evidence_bench.benchmarks.throughput.subject import Subject, layered_subject, subject_of_width
from evidence_bench.benchmarks.throughput.timing import interleaved

FIT_FROM = {"K": 10_000, "B": 1, "L": 1}  # below 10,000 samples of one point the calls themselves are seen
SAMPLES_OF_POINTS, POINTS_OF_LATENTS, SAMPLES_OF_LATENTS = 1000, 20, 500
SHORTEST = 0.005  # seconds; a shorter work is repeated until it takes about as long
CALL, EVALUATION = 5e-4, 1e-6  # seconds, roughly, of a call and of each evaluation in it


def times(settings: SpeedSettings, device: torch.device) -> dict[str, Any]:
    """For each axis its sizes, the median seconds at each with intervals, and the fitted exponent."""
    found = {}
    subjects = _subjects(settings, device)
    share = settings.effort.growth_seconds / len(subjects)
    for axis, by_size in subjects.items():
        works = {str(size): Own(subject, 0.0).run for size, subject in by_size.items()}
        repeats = {str(size): _repeats(one) for size, one in by_size.items()}
        effort = settings.effort
        timed = interleaved(
            works, device, seconds=share, fewest=effort.fewest_of_growth, most=effort.most, repeats=repeats
        )
        found[axis] = _axis(axis, by_size, timed.wall)
    return found


def _subjects(settings: SpeedSettings, device: torch.device) -> dict[str, dict[int, Subject]]:
    effort = settings.effort
    largest = max(effort.points_grid)
    base = layered_subject(1, largest, 1, device)
    return {
        "K": {k: base.sized(1, k) for k in settings.samples_grid},
        "B": {b: base.sized(b, SAMPLES_OF_POINTS) for b in effort.points_grid},
        "L": {
            latents: subject_of_width(latents, POINTS_OF_LATENTS, SAMPLES_OF_LATENTS, device)
            for latents in effort.latents_grid
        },
    }


def _repeats(subject: Subject) -> int:
    return max(1, int(SHORTEST / (CALL + EVALUATION * subject.evaluations)))


def _axis(axis: str, by_size: dict[int, Subject], wall: dict[str, list[float]]) -> dict[str, Any]:
    medians = {size: median_interval(wall[str(size)]) for size in by_size}
    fitted = [size for size in by_size if size >= FIT_FROM[axis]]
    exponent = fit_exponent(fitted, [medians[size].value for size in fitted])
    return {
        "sizes": [
            {
                "size": size,
                "points": len(one.x),
                "samples": one.samples,
                "latents": one.network.latents,
                "seconds": asdict(medians[size]),
                "wall_rounds": wall[str(size)],
                "peak_bytes": None,
            }
            for size, one in by_size.items()
        ],
        "time_exponent": exponent and asdict(exponent),
        "memory_exponent": None,
    }


def memory_jobs(settings: SpeedSettings) -> dict[str, Job]:
    """One process an axis, its sizes in growing order; a quick run has that of K alone.

    L has none: its networks are made anew for each size, and are what would be measured.
    """
    common = {
        "contender": "evidence-bench-eager",
        "layers": 1,
        "device": settings.device,
        "threads": settings.threads,
        "chunks": {},
    }
    jobs = {"K": common | {"sizes": [(1, k) for k in settings.samples_grid]}}
    if not settings.quick:
        jobs["B"] = common | {"sizes": [(b, SAMPLES_OF_POINTS) for b in settings.effort.points_grid]}
    return jobs


def add_memory(axis: dict[str, Any], job: Job, peaks: list[int]) -> None:
    """The peaks beside their sizes, and their exponent over the same sizes as that of time."""
    for row, peak in zip(axis["sizes"], peaks, strict=True):
        row["peak_bytes"] = peak
    first = axis["time_exponent"]["first"] if axis["time_exponent"] else 0
    kept = [row for row in axis["sizes"] if row["size"] >= first]
    exponent = fit_exponent([row["size"] for row in kept], [row["peak_bytes"] for row in kept])
    axis["memory_exponent"] = exponent and asdict(exponent)
