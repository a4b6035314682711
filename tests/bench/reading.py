"""What a test reads of a run folder."""

import json

import pandas as pd

from evidence_bench.benchmarks.record.schema import COLUMNS

UNTIMED = [c for c in COLUMNS if "second" not in c]


def results(folder):
    return pd.read_parquet(folder / "results.parquet")


def status_of(folder):
    return json.loads((folder / "status.json").read_text())
