"""Works run in turn, the same number of times each, beginning with another one each round."""

import time

import torch

from evidence_bench.benchmarks.throughput.timing import interleaved

CPU = torch.device("cpu")


def works(log, names="abc"):
    return {name: (lambda name=name: log.append(name)) for name in names}


def test_rounds_are_interleaved_and_rotate():
    log = []
    times = interleaved(works(log), CPU, seconds=0, fewest=3, most=9)
    assert "".join(log) == "abc" + "abc" + "bca" + "cab"  # the first round is not kept
    assert times.rounds == 3
    assert {name: len(seconds) for name, seconds in times.wall.items()} == {"a": 3, "b": 3, "c": 3}
    assert times.device == {}


def test_rounds_stop_at_the_most_and_repeats_are_divided():
    log = []
    times = interleaved(
        {"slow": lambda: log.append(time.sleep(0.002))},
        CPU,
        seconds=60,
        fewest=1,
        most=4,
        repeats={"slow": 5},
    )
    assert len(log) == 5 * (1 + 4)
    assert all(seconds >= 0.002 for seconds in times.wall["slow"])
