"""Before torch is imported: its threads spin only briefly, as in a run of the bench."""

import os

import pytest

from benchmarks.threads import spin_briefly

spin_briefly()


@pytest.fixture(autouse=True, scope="session")
def _cache(tmp_path_factory):
    """References are kept here, and not where the user keeps theirs."""
    os.environ["EVIDENCE_BENCH_CACHE"] = str(tmp_path_factory.mktemp("cache"))
