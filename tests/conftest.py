"""Before torch is imported: how its threads wait, as in a run of the bench, and how many there are."""

import os

import pytest

from evidence_bench.benchmarks.command.threads import spin_briefly

spin_briefly()
WORKERS = os.environ.get("PYTEST_XDIST_WORKER_COUNT")
if WORKERS is not None:  # side by side: each, with what it starts, gets its share of the cores
    os.environ.setdefault("OMP_NUM_THREADS", str(max(1, (os.cpu_count() or 1) // int(WORKERS))))
os.environ.pop("COLUMNS", None)  # a worker is told the width of the terminal, which tests must not depend on


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory):
    """References are kept here, and not where the user keeps theirs; every worker has its own."""
    os.environ["EVIDENCE_BENCH_CACHE"] = str(tmp_path_factory.mktemp("cache"))
