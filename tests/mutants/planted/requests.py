"""Mistakes in what is asked for, refused and said: room, failures, interruptions, options."""

from tests.mutants.mutant import Mutant

_ROOM = ("tests/bench/test_room.py",)

REQUESTS = (
    Mutant("benchmarks/study/room.py", "if held > free:", "if held > 1e6 * free:", _ROOM),
    Mutant("benchmarks/study/room.py", "if draws > free:", "if draws < 0:", _ROOM),
    Mutant(
        "benchmarks/study/plan.py",
        "if new and isinstance(error, BenchError):",
        "if new and not isinstance(error, BenchError):",
        ("tests/bench/test_run.py",),
    ),
    Mutant(
        "benchmarks/measuring/failure.py",
        "return next(reversed(theirs or frames), None)",
        "return next(reversed(frames), None)",
        ("tests/bench/test_failure.py",),
    ),
    Mutant(
        "benchmarks/command/running.py",
        "return TERMINATED if isinstance(error, Terminated) else INTERRUPTED",
        "return INTERRUPTED",
        ("tests/bench/test_sigterm.py",),
    ),
    Mutant(
        "benchmarks/command/progress.py",
        "ends = done == total and self._part_said",
        "ends = False",
        ("tests/bench/test_progress.py",),
    ),
    Mutant(
        "benchmarks/measuring/data_points.py",
        "if bool(x.isfinite().all()):",
        "if True:",
        ("tests/references/test_points_named.py",),
    ),
)
