"""Runs of the bench inside the test's process, on settings that take a second."""

import pytest

from evidence_bench.benchmarks.run import main

SMALL = ["--points", "3", "--replicates", "4", "--samples", "2,8", "--models", "linear-gaussian"]


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """bench(*arguments, folder="run") -> (exit status, run folder); small unless told otherwise."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments, folder="run", small=True):
        given = [*(SMALL if small else []), *arguments, "--output", str(tmp_path / folder)]
        return main(given), tmp_path / folder

    return call
