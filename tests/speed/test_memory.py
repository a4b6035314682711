"""Peak memory of a work, taken in a process of its own."""

import numpy as np
import pytest

from evidence_bench.benchmarks.throughput.memory import ChildFailed, peaks

JOB = {"contender": "textbook", "layers": 1, "device": "cpu", "threads": 1, "chunks": {}}


def test_peaks_are_those_of_the_work_and_not_of_the_parent():
    held = np.ones(200_000_000 // 8)  # what this process holds must not be counted
    small, large = peaks(JOB | {"sizes": [(1, 1), (20, 1000)]})
    logits = 20 * 1000 * 784 * 4
    assert held.nbytes > small
    assert logits < large - small < 8 * logits


def test_a_process_that_fails_says_so():
    with pytest.raises(ChildFailed, match="'textbook' could not be measured"):
        peaks(JOB | {"device": "nowhere", "sizes": [(1, 1)]})
