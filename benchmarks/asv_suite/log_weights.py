"""Drawing log weights from a trained VAE: time, and the peak of the tensors held."""

from __future__ import annotations

import torch
from torch.utils.benchmark import timer

from estimators.samplers.proposal import FromProposal

from .setting import DEVICES, require, subject

POINTS, K = 32, 1000


class LogWeightsOfDigitsVAE:
    """log_w [32, 1000]."""

    params = DEVICES
    param_names = ["device"]
    timer = staticmethod(timer)
    version = "1"
    repeat = (8, 20, 20.0)

    def setup(self, device: str) -> None:
        require(device)
        self.model, self.x = subject("digits-vae", POINTS, device)
        self.generator = torch.Generator(device=device).manual_seed(0)

    def time_draw(self, device: str) -> None:
        with torch.no_grad():
            FromProposal()(self.model, self.x, K, self.generator)

    def track_peak_bytes(self, device: str) -> int:
        from benchmarks.memory import peak_bytes

        return peak_bytes(lambda: self.time_draw(device), self.x.device)

    track_peak_bytes.unit = "bytes"  # type: ignore[attr-defined]
