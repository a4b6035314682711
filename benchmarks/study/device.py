"""Whether the device that was asked for is there."""

from __future__ import annotations

from evidence_bench.benchmarks.study.settings import Settings
from evidence_bench.models.errors import BadOption


def check_device(settings: Settings) -> None:
    """BadOption with what to do where torch cannot use the device."""
    import torch

    try:
        torch.zeros(1, device=settings.device).item()
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).strip().splitlines()[0].rstrip(".")
        raise BadOption(
            f"--device {settings.device} cannot be used here ({reason}); use --device cpu, "
            "or install a torch that was built for the device."
        ) from error
