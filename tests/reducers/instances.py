"""What the laws of the reducers run over: every reducer of the catalogue, and rows of log weights."""

from __future__ import annotations

from typing import Any

import torch

from evidence_bench.benchmarks.laws.rows import K, rows_of, rows_with_zeros
from evidence_bench.estimators.catalogue import ESTIMATORS
from evidence_bench.estimators.reducers import Jackknife
from evidence_bench.models.specs import load

_BY_DEFAULT = {repr(reducer): reducer for reducer in (load(entry.reducer)() for entry in ESTIMATORS)}
_WITH_OPTIONS = {repr(reducer): reducer for reducer in (Jackknife(order=m) for m in (2, 3, 5))}
REDUCERS: tuple[Any, ...] = tuple((_BY_DEFAULT | _WITH_OPTIONS).values())

FINITE = torch.stack(list(rows_of(K).values()))
ZEROS = torch.stack(list(rows_with_zeros(K).values()))
EVERY = torch.cat([FINITE, ZEROS])
