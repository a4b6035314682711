"""Mistakes in the statistics of a study."""

from tests.mutants.mutant import Mutant

_FOLDER = "benchmarks/statistics"
_TESTS = "tests/statistics"
_EXPANSIONS = (f"{_TESTS}/test_expansions.py",)
_TIMES = (f"{_TESTS}/test_times.py",)

STATISTICS = (
    Mutant(f"{_FOLDER}/expansions.py", "c3 / 3 - 3 * c2**2 / 4)", "c3 / 3 - 3 * c2**2 / 2)", _EXPANSIONS),
    Mutant(f"{_FOLDER}/expansions.py", "+ 5 * c2**3 / 2)", "+ 5 * c2**3 / 3)", _EXPANSIONS),
    Mutant(f"{_FOLDER}/expansions.py", "5 * c2**2 / 2 - c3", "5 * c2**2 / 2 + c3", _EXPANSIONS),
    Mutant(f"{_FOLDER}/expansions.py", "np.arange(k - order, k + 1,", "np.arange(k - order, k,", _EXPANSIONS),
    Mutant(
        f"{_FOLDER}/bootstrap.py",
        "(replicates / (replicates - 1)) ** 2",
        "(replicates / (replicates - 1))",
        (f"{_TESTS}/test_bootstrap.py", f"{_TESTS}/test_coverage.py"),
    ),
    Mutant(
        f"{_FOLDER}/bootstrap.py",
        "np.quantile(samples, [0.025, 0.975])",
        "np.quantile(samples, [0.05, 0.95])",
        (f"{_TESTS}/test_bootstrap.py", f"{_TESTS}/test_coverage.py"),
    ),
    Mutant(f"{_FOLDER}/holm.py", "np.arange(len(p), 0, -1)", "len(p)", (f"{_TESTS}/test_holm.py",)),
    Mutant(f"{_FOLDER}/times.py", "_QN_TO_SD = 2.2219", "_QN_TO_SD = 1.2219", _TIMES),
    Mutant(
        f"{_FOLDER}/times.py",
        "holm(_tail(law, np.abs(difference), stderr) * 2)",
        "holm(_tail(law, np.abs(difference), stderr))",
        _TIMES,
    ),
    Mutant(
        f"{_FOLDER}/times.py",
        "(small * self.stderr / self.seconds) ** 2",
        "(self.stderr / self.seconds) ** 2",
        _TIMES,
    ),
    Mutant(
        f"{_FOLDER}/second_coefficient.py",
        "weighted = design / ks[:, None] ** 2",
        "weighted = design",
        (f"{_TESTS}/test_slopes.py",),
    ),
)
