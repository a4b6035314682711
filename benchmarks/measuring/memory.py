"""Peak tensor memory of a piece of work, above what was held when it started."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_iter

from evidence_bench.benchmarks.study.settings import Settings

MOST_ON_CPU = 256 * 2**20  # beyond it a CPU only waits for its memory


def budget(settings: Settings) -> int:
    """Bytes for the tensors of one chunk: as asked, else an eighth of a GPU's, up to 256 MiB of a CPU's."""
    if settings.memory is not None:
        return settings.memory
    device = torch.device(settings.device)
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory // 8)
    pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
    total = pages * os.sysconf("SC_PAGE_SIZE") if pages > 0 else 16 * MOST_ON_CPU
    return min(total // 16, MOST_ON_CPU)


def peak_bytes(work: Callable[[], object], device: torch.device) -> int:
    """Largest number of bytes of tensors alive at once while ``work()`` runs.

    On a GPU by its allocator; on a CPU by following every tensor that an operation returns, so that what an
    operation allocates and frees within itself, or what another thread makes, is not seen.
    """
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        return int(torch.cuda.max_memory_allocated(device) - before)
    with _Storages() as storages:
        work()
    peak: int = storages.peak
    return peak


class _Storages(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds the bytes of each new storage and takes them away when it is freed."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.alive = 0
        self.peak = 0
        self._seen: set[int] = set()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = {_address(t) for t in tree_iter((args, kwargs)) if isinstance(t, torch.Tensor)}
        out = func(*args, **(kwargs or {}))
        for tensor in tree_iter(out):
            if isinstance(tensor, torch.Tensor) and _address(tensor) not in given | self._seen:
                self._add(tensor)
        return out

    def _add(self, tensor: torch.Tensor) -> None:
        storage = tensor.untyped_storage()
        address, size = _address(tensor), storage.nbytes()
        self._seen.add(address)
        self.alive += size
        self.peak = max(self.peak, self.alive)
        weakref.finalize(storage, self._remove, address, size)

    def _remove(self, address: int, size: int) -> None:
        self._seen.discard(address)
        self.alive -= size


def _address(tensor: torch.Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)
