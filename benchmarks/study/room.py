"""Whether the machine has room for what a run must hold, looked at before anything is simulated or drawn.

Only what no chunk makes smaller counts, and of that the least: draws are made in chunks, but every estimate
is kept, and the tables are made of all cells at once.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from evidence_bench.benchmarks.study.settings import Cell, Settings
from evidence_bench.estimators.base import Estimator, Identity
from evidence_bench.models.errors import BadOption

NUMBER = 8  # bytes
KEY = 2700  # bytes of the generator of a point that is simulated
NUMBERS_A_POINT = 30  # of each cell, whatever the replicates: its arrays, and its row in points.parquet
NUMBERS_A_DRAW = 3  # log weights of one replicate of one point, and the sums that are made of them

_UNITS = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_GROUPS = (  # the limit and the use of a container, by the version of its control group
    ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
    ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
)


def require_room(
    settings: Settings, estimators: Mapping[str, Estimator], cells: Sequence[Cell], *, simulates: bool
) -> None:
    """BadOption with the remedy where the run must hold more than is free; ``simulates``: some model does."""
    free = free_bytes()
    if free is None:
        return
    points, replicates, most = settings.points, settings.replicates, max(settings.samples)
    arrays = sum(_arrays(estimators[cell.estimator], cell.k) for cell in cells)
    held = points * NUMBER * (replicates * arrays + NUMBERS_A_POINT * len(cells))
    held += points * KEY if simulates else 0
    if held > free:
        raise BadOption(
            f"{points:,} point{_s(points)} x {replicates:,} replicate{_s(replicates)} need about "
            f"{_amount(held)} and {_amount(free)} are free; lower --points or --replicates, or measure fewer "
            "estimators, models or K at once."
        )
    draws = NUMBERS_A_DRAW * NUMBER * most
    if draws > free:
        raise BadOption(
            f"One replicate with K = {most:,} needs about {_amount(draws)} and {_amount(free)} are free; "
            "lower --samples."
        )


def _arrays(estimator: Estimator, k: int) -> int:
    """Numbers a replicate and point that a cell keeps: its estimates, and what its weights say beside."""
    ratio = estimator.sampler.identity is Identity.EVIDENCE
    dependence = 2 if estimator.sampler.iid and k > 1 else 0
    return 1 + int(ratio) + dependence


def free_bytes() -> int | None:
    """What this process may still have: of the machine, its container and its own limit; None: not known."""
    known = [
        amount for amount in (_of_machine(), *map(_of_group, _GROUPS), _of_limit()) if amount is not None
    ]
    return max(0, min(known)) if known else None


def _of_machine() -> int | None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    with contextlib.suppress(OSError, ValueError, AttributeError):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return None


def _of_group(files: tuple[str, str]) -> int | None:
    with contextlib.suppress(OSError, ValueError):  # a limit "max" is none
        limit, used = (int(Path(file).read_text(encoding="ascii")) for file in files)
        return limit - used
    return None


def _of_limit() -> int | None:
    """What ``ulimit -v`` leaves of addresses."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return None if soft == resource.RLIM_INFINITY else soft - pages * resource.getpagesize()
    return None


def _amount(size: float) -> str:
    """1.2 GB, 400 MB, 30 kB."""
    unit, name = next((pair for pair in _UNITS if size >= pair[0]), _UNITS[-1])
    return f"{size / unit:,.0f} {name}" if size >= 10 * unit else f"{size / unit:.1f} {name}"


def _s(count: int) -> str:
    return "" if count == 1 else "s"
