"""The limit: the matrix products alone."""

from __future__ import annotations

import torch
from torch import Tensor

from evidence_bench.benchmarks.throughput.contender import Kind
from evidence_bench.benchmarks.throughput.subject import Subject

CHUNKS = (128, 256, 512, 1024, 2048, 4096, 8192)
ROWS_OF_A_TRIAL = 16_384


class MatrixProducts:
    """Every product [rows, inputs] @ [inputs, outputs] of B K rows, in chunks, into buffers that are kept.

    No bias and no activation; the inputs of a product are never written, so nothing else is measured.
    """

    def __init__(self, subject: Subject, chunk: int) -> None:
        self.rows, self.chunk = subject.evaluations, chunk
        like = subject.x
        self.steps: list[tuple[Tensor, Tensor, Tensor]] = []
        width, h = 0, like.new_empty(0)
        for inputs, outputs in subject.products:
            if inputs != width:  # a network begins
                h = like.new_full((chunk, inputs), 0.5)
            weight = like.new_full((inputs, outputs), 1.0 / inputs)
            out = like.new_empty(chunk, outputs)
            self.steps.append((h, weight, out))
            width, h = outputs, out

    def run(self) -> Tensor:
        """The last output; zero rows are left where nothing was multiplied."""
        for start in range(0, self.rows, self.chunk):
            n = min(self.chunk, self.rows - start)
            for h, weight, out in self.steps:
                torch.mm(h[:n], weight, out=out[:n])
        return self.steps[-1][-1]

    def replay(self, samples: int) -> None:
        """It has no log weights."""


def _trial(subject: Subject) -> Subject:
    points = len(subject.x)
    return subject.sized(points, min(subject.samples, max(1, ROWS_OF_A_TRIAL // points)))


LIMIT = Kind(
    name="gemm",
    about="the matrix products of the log weights alone: no bias, no activation, outputs reused, "
    "the fastest over row chunks 128 to 8192",
    role="limit",
    make=MatrixProducts,
    sizes=lambda subject: CHUNKS,
    trial=_trial,
)
