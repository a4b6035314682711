"""A whole speed run as plain data: contenders side by side, accuracy, growth, memory."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import torch

from evidence_bench.benchmarks.statistics.medians import median_interval, ratio_interval
from evidence_bench.benchmarks.throughput import agreement, growing
from evidence_bench.benchmarks.throughput.contender import Kind
from evidence_bench.benchmarks.throughput.field import KINDS, Entrant, gather
from evidence_bench.benchmarks.throughput.memory import Job, all_peaks
from evidence_bench.benchmarks.throughput.settings import SpeedSettings
from evidence_bench.benchmarks.throughput.subject import Subject, layered_subject
from evidence_bench.benchmarks.throughput.timing import Times, interleaved
from evidence_bench.models.networks import softplus

OWN, LIMIT = "evidence-bench", "gemm"
Say = Callable[[str], None]


def measure(settings: SpeedSettings, say: Say) -> dict[str, Any]:
    """speed.json: ``settings`` (one for each model), ``growth``; seconds, bytes, nats."""
    device = torch.device(settings.device)
    effort = settings.effort
    with torch.no_grad():
        one = layered_subject(1, settings.points, settings.samples, device)
        two = layered_subject(2, settings.points, settings.deep_samples, device)
        say(f"{one.name}: B = {settings.points}, K = {settings.samples}")
        main = _setting(one, settings, effort.main_seconds, _kinds(settings, deep=False))
        say(f"{two.name}: B = {settings.points}, K = {settings.deep_samples}")
        deep = _setting(two, settings, effort.deep_seconds, _kinds(settings, deep=True))
        say("growth of time with K, B and L")
        growth = growing.times(settings, device)
    say("memory, each work in its own process")
    _add_memory([main, deep], growth, settings)
    return {
        "speed_schema_version": 1,
        "quick": settings.quick,
        "threads": torch.get_num_threads(),
        "device": settings.device,
        "settings": [main, deep],
        "growth": growth,
    }


def _kinds(settings: SpeedSettings, *, deep: bool) -> list[Kind]:
    """All contenders; a quick run leaves some out, and names them."""
    left_out = set(_LEFT_OUT_DEEP if deep else _LEFT_OUT) if settings.quick else set()
    return [kind for kind in KINDS if kind.name not in left_out]


_ABSENT_IN_QUICK = "Left out by --quick; run without it to have them all."
_LEFT_OUT = ("pyro-parts",)
_LEFT_OUT_DEEP = ("pyro", "pyro-parts", "textbook-parts", "pythae")
_NO_MEMORY_IN_QUICK = ("gemm", "textbook-parts", "pyro")


def _setting(
    subject: Subject, settings: SpeedSettings, seconds: float, kinds: Sequence[Kind]
) -> dict[str, Any]:
    field = gather(subject, kinds)
    agreements = {
        one.kind.name: agreement.check(one.kind.name, one.contender, subject) for one in field.entrants
    }
    works = {one.kind.name: one.contender.run for one in field.entrants}
    effort = settings.effort
    devices = [subject.x.device] if subject.x.device.type == "cuda" else []
    with torch.random.fork_rng(devices):
        times = interleaved(works, subject.x.device, seconds=seconds, fewest=effort.fewest, most=effort.most)
    absent = field.absent | {kind.name: _ABSENT_IN_QUICK for kind in KINDS if kind not in kinds}
    return {
        "name": subject.name,
        "layers": len(subject.network.widths),
        "latents": list(subject.network.widths),
        "points": len(subject.x),
        "samples": subject.samples,
        "products": subject.products,
        "form": _form(subject),
        "rounds": times.rounds,
        "accuracy_nats": agreement.accuracy(subject),
        "contenders": [_contender(one, times, subject, agreements) for one in field.entrants],
        "absent": absent,
    }


def _form(subject: Subject) -> str:
    """How this project's own sum of softplus was made, and why."""
    key = (subject.x.shape[-1], subject.x.dtype, subject.x.device)
    with softplus.expecting(math.inf):
        return softplus.describe(*key)


def _contender(
    one: Entrant, times: Times, subject: Subject, agreements: dict[str, float | None]
) -> dict[str, Any]:
    name = one.kind.name
    wall = times.wall
    return {
        "name": name,
        "about": one.kind.about,
        "role": one.kind.role,
        "headline": one.kind.headline,
        "size": one.size,
        "difference_nats": agreements[name],
        "seconds": asdict(median_interval(wall[name])),
        "device_seconds": asdict(median_interval(times.device[name])) if times.device else None,
        "evaluations_per_second": subject.evaluations / median_interval(wall[name]).value,
        "share": asdict(ratio_interval(wall[LIMIT], wall[name])),
        "times_ours": asdict(ratio_interval(wall[name], wall[OWN])),
        "device_share": asdict(ratio_interval(times.device[LIMIT], times.device[name]))
        if times.device
        else None,
        "wall_rounds": wall[name],
        "device_rounds": times.device.get(name, []),
        "peak_bytes": None,
    }


def _add_memory(found: list[dict[str, Any]], growth: dict[str, Any], settings: SpeedSettings) -> None:
    """Peak bytes beside every contender and every size of the growth."""
    shown = {kind.name for kind in KINDS if kind.own_memory}
    if settings.quick:
        shown -= set(_NO_MEMORY_IN_QUICK)
    kept = [
        (setting, one)
        for setting in (found[:1] if settings.quick else found)
        for one in setting["contenders"]
        if one["name"] in shown
    ]
    jobs = [_job(settings, setting, one) for setting, one in kept]
    axes = growing.memory_jobs(settings)
    # The largest first, alone on its core, so that the others fill the gaps.
    results = all_peaks([*axes.values(), *jobs], at_once=2 if settings.device == "cpu" else 1)
    for axis, job, peaks in zip(axes, axes.values(), results, strict=False):
        growing.add_memory(growth[axis], job, peaks)
    for (_, one), peaks in zip(kept, results[len(axes) :], strict=True):
        one["peak_bytes"] = peaks[-1]


def _job(settings: SpeedSettings, setting: dict[str, Any], one: dict[str, Any]) -> Job:
    return {
        "contender": one["name"],
        "layers": setting["layers"],
        "device": settings.device,
        "threads": settings.threads,
        "chunks": {one["name"]: one["size"]},
        "sizes": [(setting["points"], setting["samples"])],
    }
