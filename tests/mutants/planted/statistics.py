"""Mistakes in the statistics of a study."""

from tests.mutants.mutant import Mutant

STATISTICS = (
    Mutant(
        "benchmarks/statistics/expansions.py",
        "c3 / 3 - 3 * c2**2 / 4)",
        "c3 / 3 - 3 * c2**2 / 2)",
        ("tests/statistics/test_expansions.py::test_bias_remainder_is_of_the_next_order",),
    ),
    Mutant(
        "benchmarks/statistics/expansions.py",
        "+ 5 * c2**3 / 2)",
        "+ 5 * c2**3 / 3)",
        (
            "tests/statistics/test_expansions.py::test_bias_of_jackknife_two_needs_c4_and_follows_the_corrected_a3",
        ),
    ),
    Mutant(
        "benchmarks/statistics/expansions.py",
        "5 * c2**2 / 2 - c3",
        "5 * c2**2 / 2 + c3",
        ("tests/statistics/test_expansions.py::test_variance_remainder_is_of_order_three",),
    ),
    Mutant(
        "benchmarks/statistics/expansions.py",
        "np.arange(k - order, k + 1,",
        "np.arange(k - order, k,",
        ("tests/statistics/test_expansions.py::test_bias_remainder_is_of_the_next_order",),
    ),
    Mutant(
        "benchmarks/statistics/bootstrap.py",
        "(replicates / (replicates - 1)) ** 2",
        "(replicates / (replicates - 1))",
        ("tests/statistics/test_bootstrap.py::test_counts_stand_for_samples_with_replacement",),
    ),
    Mutant(
        "benchmarks/statistics/bootstrap.py",
        "[(1 - level) / 2, (1 + level) / 2]",
        "[1 - level, level]",
        ("tests/statistics/test_bootstrap.py", "tests/statistics/test_coverage.py"),
    ),
    Mutant(
        "benchmarks/statistics/holm.py",
        "np.arange(len(p), 0, -1)",
        "len(p)",
        ("tests/statistics/test_holm.py::test_adjusted_values_are_those_of_the_definition",),
    ),
    Mutant(
        "benchmarks/statistics/times.py",
        "_QN_TO_SD = 2.2219",
        "_QN_TO_SD = 1.2219",
        ("tests/statistics/test_times.py::test_equal_runs_name_no_cell_in_at_least_95_percent",),
    ),
    Mutant(
        "benchmarks/statistics/times.py",
        "holm(_tail(law, np.abs(difference), stderr) * 2)",
        "holm(_tail(law, np.abs(difference), stderr))",
        ("tests/statistics/test_times.py::test_the_p_value_is_two_sided_as_the_interval_is",),
    ),
    Mutant(
        "benchmarks/statistics/second_coefficient.py",
        "weighted = design / ks[:, None] ** 2",
        "weighted = design",
        ("tests/statistics/test_slopes.py::test_the_second_coefficient_weighs_each_k_by_its_noise",),
    ),
)
