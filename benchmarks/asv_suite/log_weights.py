"""Drawing log weights from a VAE: time, and the peak of the tensors held."""

from __future__ import annotations

import torch

from evidence_bench.estimators.samplers.adaptive import Adaptive
from evidence_bench.estimators.samplers.proposal import FromProposal

from .setting import DEVICES, Timed, require, subject

SMALL, LARGE = "digits-vae", "untrained-vae"  # 64 pixels and 2 latents; 784 pixels and 50 latents
SAMPLES = {SMALL: 5000, LARGE: 500}
POINTS = 20


class Draw(Timed):
    """log_w [20, K] from the proposal: K = 5000 on the small decoder, 500 on the large one."""

    params = [[SMALL, LARGE], DEVICES]
    param_names = ["model", "device"]

    def setup(self, model: str, device: str) -> None:
        require(device)
        self.model, self.x = subject(model, POINTS, device)
        self.generator = torch.Generator(device=device).manual_seed(0)

    def time_draw(self, model: str, device: str) -> None:
        with torch.no_grad():
            FromProposal()(self.model, self.x, SAMPLES[model], self.generator)


class DrawInMemory:
    """The same on the large decoder: bytes of tensors at once, above what was held before."""

    params = DEVICES
    param_names = ["device"]
    unit = "bytes"
    version = "2"

    def setup(self, device: str) -> None:
        require(device)
        self.model, self.x = subject(LARGE, POINTS, device)

    def track_peak_bytes(self, device: str) -> int:
        from evidence_bench.benchmarks.measuring.memory import peak_bytes

        generator = torch.Generator(device=device).manual_seed(0)
        with torch.no_grad():
            return peak_bytes(
                lambda: FromProposal()(self.model, self.x, SAMPLES[LARGE], generator), self.x.device
            )


class Adapt(Timed):
    """One adaptive estimate of 20 points from 1024 evaluations each on the large decoder."""

    params = DEVICES
    param_names = ["device"]

    def setup(self, device: str) -> None:
        require(device)
        self.model, self.x = subject(LARGE, POINTS, device)
        self.generator = torch.Generator(device=device).manual_seed(0)

    def time_adaptive(self, device: str) -> None:
        Adaptive()(self.model, self.x, 1024, self.generator)
