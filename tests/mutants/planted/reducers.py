"""Mistakes in reducers and diagnostics."""

from tests.mutants.mutant import Mutant

REDUCERS = (
    Mutant(
        "estimators/reducers/log_mean_exp.py",
        "weights.log_ratio.exp().mean(-1)",
        "weights.log_ratio.exp().sum(-1)",
        ("tests/reducers/test_values.py::test_log_of_mean",),
    ),
    Mutant(
        "estimators/reducers/log_mean_exp.py",
        "log_or_zero_weight(sums.total / sums.k)",
        "log_or_zero_weight(sums.total / (sums.k + 1))",
        ("tests/reducers/test_prefixes.py::test_together_is_each_alone",),
    ),
    Mutant(
        "estimators/reducers/delta.py",
        "(2 * k * (k - 1))",
        "(2 * k * k)",
        ("tests/reducers/test_values.py::test_delta_method",),
    ),
    Mutant(
        "estimators/reducers/delta.py",
        "+ variance / (2 * k) + sums.level",
        "+ variance / k + sums.level",
        ("tests/reducers/test_prefixes.py::test_together_is_each_alone",),
    ),
    Mutant(
        "estimators/reducers/mean.py",
        "return log_w.mean(-1)",
        "return log_w.median(-1).values",
        ("tests/reducers/test_values.py::test_mean_of_logs",),
    ),
    Mutant(
        "estimators/reducers/weights.py",
        "bad = ~(largest < torch.inf)",
        "bad = largest.isnan()",
        ("tests/reducers/test_refusals.py::test_nan_and_inf_name_their_rows",),
    ),
    Mutant(
        "estimators/reducers/weights.py",
        "level = largest.masked_fill(largest == -torch.inf, 0.0)",
        "level = largest",
        ("tests/reducers/test_laws.py::test_every_law_holds",),
    ),
    Mutant(
        "estimators/reducers/jackknife/coefficients.py",
        "(-1) ** j * (k - j) ** m",
        "(-1) ** j * (k - j) ** (m - 1)",
        ("tests/reducers/test_jackknife.py::test_is_the_enumeration_of_subsets",),
    ),
    Mutant(
        "estimators/reducers/jackknife/coefficients.py",
        "math.comb(free, j - a - part) / math.comb(k, j)",
        "math.comb(free, j - a - part) / math.comb(k, j + 1)",
        ("tests/reducers/test_jackknife.py::test_is_the_enumeration_of_subsets",),
    ),
    Mutant(
        "estimators/reducers/jackknife/series.py",
        "total = total + (-1) ** (k - 1) *",
        "total = total + (-1) ** k *",
        ("tests/reducers/test_jackknife.py::test_is_the_enumeration_of_subsets",),
    ),
    Mutant(
        "estimators/reducers/jackknife/series.py",
        "_EXTRA_DEGREE = 17",
        "_EXTRA_DEGREE = 9",
        ("tests/reducers/test_jackknife.py::test_is_the_enumeration_of_subsets",),
    ),
    Mutant(
        "estimators/reducers/jackknife/sums.py",
        "torch.where(taken < 0.5,",
        "torch.where(taken < 2.0,",
        ("tests/reducers/test_jackknife.py::test_is_the_enumeration_of_subsets",),
    ),
    Mutant(
        "estimators/reducers/jackknife/summary.py",
        "scale = torch.maximum(torch.maximum(a.scale, b.scale), left[:, :1].detach())",
        "scale = torch.maximum(a.scale, b.scale)",
        ("tests/reducers/test_prefixes.py::test_together_is_each_alone",),
    ),
    Mutant(
        "estimators/reducers/jackknife/reducer.py",
        "limit = torch.where(nonzero % 2 == 1,",
        "limit = torch.where(nonzero % 2 == 0,",
        ("tests/reducers/test_jackknife.py::test_limits_with_at_most_m_weights",),
    ),
    Mutant(
        "estimators/reducers/prefix_sums.py",
        "share.square() * torch.cat(squares",
        "share * torch.cat(squares",
        ("tests/reducers/test_prefixes.py::test_together_is_each_alone",),
    ),
    Mutant(
        "estimators/reducers/prefix_sums.py",
        "level = torch.cat(levels, -1).cummax(-1).values",
        "level = torch.cat(levels, -1).amax(-1, keepdim=True).expand(-1, len(ks))",
        ("tests/reducers/test_prefixes.py::test_together_is_each_alone",),
    ),
    Mutant(
        "estimators/diagnostics/ess.py",
        "sums.total.square() / sums.squares",
        "sums.total / sums.squares",
        ("tests/diagnostics/test_ess.py::test_they_are_what_their_formulas_say",),
    ),
    Mutant(
        "estimators/diagnostics/pareto.py",
        "_PRIOR_DRAWS, _PRIOR_K = 10, 0.5",
        "_PRIOR_DRAWS, _PRIOR_K = 10, 0.3",
        ("tests/diagnostics/test_pareto.py::test_batched_rows_agree_with_the_formulas",),
    ),
    Mutant(
        "estimators/diagnostics/pareto.py",
        "math.ceil(min(k / 5, 3 * math.sqrt(k)))",
        "math.ceil(min(k / 10, 3 * math.sqrt(k)))",
        ("tests/diagnostics/test_pareto.py::test_batched_rows_agree_with_the_formulas",),
    ),
    Mutant(
        "estimators/diagnostics/pareto.py",
        "(size / (j - 0.5)).sqrt()) / 3",
        "(size / (j - 0.5)).sqrt()) / 2",
        ("tests/diagnostics/test_pareto.py::test_batched_rows_agree_with_the_formulas",),
    ),
)
