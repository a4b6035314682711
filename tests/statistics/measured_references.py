"""References with an error of their own, estimated from a few runs, as the bench makes them."""

import numpy as np

from evidence_bench.benchmarks.statistics.reference_stderr import ReferenceStderr

RUNS = 8
ONE_IMAGE_OFTEN = [0] * 8 + [8] * 4 + [12, 13, 14, 15]  # 16 points of which eight are equal, and four


def references(noise, points, stderr, group=None, runs=RUNS):
    """(errors of the references [B], what they say of themselves), each the mean of that many runs."""
    labels = np.arange(points) if group is None else np.asarray(group)
    of_runs = stderr * np.sqrt(runs) * noise.standard_normal((runs, points))
    own = of_runs.std(axis=0, ddof=1) / np.sqrt(runs)
    stated = ReferenceStderr.of(own[labels], points, degrees=runs - 1, group=labels)
    return of_runs.mean(axis=0)[labels], stated


def covers(figure, truth, repetitions=1000) -> float:
    """Share of data sets whose 95% interval holds the truth; its own standard error is .007 for 1000."""
    intervals = [figure(np.random.default_rng((seed, 5))) for seed in range(repetitions)]
    return float(np.mean([q.low <= truth <= q.high for q in intervals]))
