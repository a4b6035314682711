"""Mistakes in what is measured, kept and judged: draws, moments, controls, references, times."""

from tests.mutants.mutant import Mutant

_CONTROLS = ("tests/statistics/test_controls.py", "tests/statistics/test_estimated_controls.py")
_CHECK = ("tests/statistics/test_consistency.py", "tests/statistics/test_row.py")
_REFERENCES = ("tests/references/test_middle.py", "tests/references/test_long_run.py")

MEASUREMENT = (
    Mutant(
        "benchmarks/statistics/columns.py",
        "((replicates - 1) * (replicates - 2) ** 2)",
        "((replicates - 1) * (replicates - 1) ** 2)",
        ("tests/statistics/test_columns.py",),
    ),
    Mutant(
        "benchmarks/statistics/consistency.py",
        "found = mean_weight(log_ratio, chosen, spread, known_to)",
        "found = mean_weight(log_ratio, chosen, spread, ReferenceStderr.of(0.0, log_ratio.shape[1]))",
        _CHECK,
    ),
    Mutant(
        "benchmarks/statistics/consistency.py",
        "(moments.khat_halves[::-1] < LARGEST_KHAT)",
        "(moments.khat_halves < 9.0)",
        _CHECK,
    ),
    Mutant("benchmarks/statistics/consistency.py", "TOO_FAR = 5.0", "TOO_FAR = 2.0", _CHECK),
    Mutant(
        "benchmarks/statistics/consistency.py", "known_to.degrees, TOO_FAR)", "known_to.degrees, 0.0)", _CHECK
    ),
    Mutant(
        "benchmarks/statistics/controls.py",
        "np.repeat(share[::-1], halves(replicates), axis=0)",
        "np.repeat(share, halves(replicates), axis=0)",
        _CONTROLS,
    ),
    Mutant(
        "benchmarks/statistics/controls.py",
        "shares.second * (second**2 - known) / 2",
        "shares.second * (second**2 + known) / 2",
        _CONTROLS,
    ),
    Mutant(
        "benchmarks/statistics/controls.py", "SECOND_UP_TO_SKEW = 0.35", "SECOND_UP_TO_SKEW = 35", _CONTROLS
    ),
    Mutant(
        "benchmarks/statistics/measured_errors.py",
        "1 - first + second * size + cube, square)",
        "1 + second * size + cube, square)",
        ("tests/statistics/test_controlled_reference.py",),
    ),
    Mutant(
        "benchmarks/record/cell_arrays.py",
        "(checked(cell)[1] or plain) if controlled else plain",
        "plain",
        ("tests/statistics/test_controlled_reference.py", "tests/bench/test_cell_arrays.py"),
    ),
    Mutant(
        "benchmarks/measuring/pooled.py",
        "if not self._most or self._count < fewest:",
        "if not self._most:",
        ("tests/bench/test_pooled.py",),
    ),
    Mutant(
        "benchmarks/measuring/pooled.py",
        "both._count = self._count + other._count",
        "both._count = self._count",
        ("tests/bench/test_pooled.py",),
    ),
    Mutant(
        "benchmarks/references/sandwich.py",
        "np.abs(self.gap) / 2, self.lower.stderr",
        "0 * self.gap, self.lower.stderr",
        _REFERENCES,
    ),
    Mutant(
        "benchmarks/measuring/measurement.py",
        "own = type(estimator.sampler) is FromProposal",
        "own = True",
        ("tests/bench/test_own_samplers.py", "tests/bench/test_run.py"),
    ),
    Mutant(
        "benchmarks/references/long_run.py",
        "- np.log(log_w.shape[-1])",
        "- np.log(self.samples)",
        _REFERENCES,
    ),
    Mutant(
        "benchmarks/references/cache.py", "keys.index(key) == i]", "True]", ("tests/references/test_kept.py",)
    ),
    Mutant(
        "estimators/kernels/tuning.py",
        "max(t * transitions // betas, (t + 1) * transitions // betas - 1)",
        "t * transitions // betas",
        ("tests/kernels/test_hamiltonian.py",),
    ),
    Mutant(
        "benchmarks/references/long_run.py",
        ".widened(width(space.dimension))",
        ".widened(1.0)",
        ("tests/references/test_coverage.py",),
    ),
    Mutant(
        "benchmarks/references/annealed.py",
        "self.leapfrogs, width=width(space.dimension))",
        "self.leapfrogs)",
        ("tests/references/test_coverage.py",),
    ),
    Mutant(
        "benchmarks/references/annealed.py",
        "torch.maximum(stderr, unseen(holes, self.groups * self.chains))",
        "stderr",
        ("tests/references/test_holes.py",),
    ),
    Mutant(
        "benchmarks/references/second_opinion.py",
        "np.maximum(top.stderr, distance / stats.t.isf(0.025, top.degrees))",
        "top.stderr",
        ("tests/references/test_second_opinion.py",),
    ),
    Mutant(
        "benchmarks/references/second_opinion.py",
        "disagree(main, opinion, BELOW)",
        "disagree(main, opinion)",
        ("tests/references/test_second_opinion.py",),
    ),
    Mutant(
        "benchmarks/references/long_run.py",
        "np.asarray(few | (khat >= FINITE_VARIANCE))",
        "np.asarray(khat >= FINITE_VARIANCE)",
        ("tests/references/test_doubts.py",),
    ),
    Mutant(
        "estimators/samplers/annealing.py",
        "(SHORTEST + (1 - SHORTEST) * (t * GOLDEN % 1))",
        "1.0",
        ("tests/samplers/test_annealed.py",),
    ),
)
