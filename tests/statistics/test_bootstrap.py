"""Bootstrap samples by counts: the same as by index, whatever the chunks, and the same each time."""

import numpy as np
import pytest

from evidence_bench.benchmarks.statistics import bootstrap
from evidence_bench.benchmarks.statistics.bootstrap import Resamples, resampled_means, resampled_variance

ERRORS = np.random.default_rng(0).standard_normal((30, 5))


def samples_by_index(resamples: Resamples):
    for counts in resamples.counts():
        for row in counts:
            yield ERRORS[np.repeat(np.arange(len(ERRORS)), row.astype(int))]


def test_counts_stand_for_samples_with_replacement():
    resamples = Resamples(30, 50)
    by_index = list(samples_by_index(resamples))
    assert all(len(sample) == 30 for sample in by_index)
    np.testing.assert_allclose(resampled_means(ERRORS, resamples), [s.mean(axis=0) for s in by_index])
    expected = [s.var(axis=0, ddof=1).mean() * 30 / 29 for s in by_index]
    np.testing.assert_allclose(resampled_variance(ERRORS, resamples), expected)


def test_many_replicates_come_in_chunks_that_differ(monkeypatch):
    monkeypatch.setattr(bootstrap, "_COUNTS_AT_ONCE", 70)
    chunks = list(Resamples(30, 5, stream=9).counts())
    assert [len(chunk) for chunk in chunks] == [2, 2, 1]
    assert not np.array_equal(chunks[0], chunks[1])
    assert resampled_means(ERRORS, Resamples(30, 5)).shape == (5, 5)


def test_many_points_are_summed_in_blocks(monkeypatch):
    whole = resampled_variance(ERRORS, Resamples(30, 20))
    monkeypatch.setattr(bootstrap, "_POINTS_AT_ONCE", 2)
    np.testing.assert_allclose(resampled_variance(ERRORS, Resamples(30, 20)), whole)


@pytest.mark.parametrize("other", [Resamples(30, 20, stream=1), Resamples(30, 20, stream=2)])
def test_same_fields_same_samples_and_other_streams_differ(other):
    one = np.concatenate(list(Resamples(30, 20).counts()))
    assert np.array_equal(one, np.concatenate(list(Resamples(30, 20).counts())))
    assert not np.array_equal(one, np.concatenate(list(other.counts())))
    with pytest.raises(ValueError, match="read-only"):
        next(Resamples(30, 20).counts())[0, 0] = 1.0
