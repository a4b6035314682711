"""Mistakes in reducers and diagnostics."""

from tests.mutants.mutant import Mutant

_FOLDER = "estimators/reducers"
_LAWS = ("tests/reducers/test_values.py", "tests/reducers/test_laws.py")
_ORDERS = ("tests/reducers/test_jackknife.py", "tests/reducers/test_jackknife_parts.py")
_PREFIXES = ("tests/reducers/test_prefixes.py",)
_PARETO = ("tests/diagnostics/test_pareto.py",)

REDUCERS = (
    Mutant(
        f"{_FOLDER}/log_mean_exp.py",
        "weights.log_ratio.exp().mean(-1)",
        "weights.log_ratio.exp().sum(-1)",
        _LAWS,
    ),
    Mutant(
        f"{_FOLDER}/log_mean_exp.py",
        "log_or_zero_weight(sums.total / sums.k)",
        "log_or_zero_weight(sums.total / (sums.k + 1))",
        _PREFIXES,
    ),
    Mutant(f"{_FOLDER}/delta.py", "(2 * k * (k - 1))", "(2 * k * k)", _LAWS),
    Mutant(
        f"{_FOLDER}/delta.py", "+ variance / (2 * k) + sums.level", "+ variance / k + sums.level", _PREFIXES
    ),
    Mutant(f"{_FOLDER}/mean.py", "return log_w.mean(-1)", "return log_w.median(-1).values", _LAWS),
    Mutant(
        f"{_FOLDER}/weights.py",
        "bad = ~(largest < torch.inf)",
        "bad = largest.isnan()",
        ("tests/reducers/test_refusals.py",),
    ),
    Mutant(
        f"{_FOLDER}/weights.py",
        "level = largest.masked_fill(largest == -torch.inf, 0.0)",
        "level = largest",
        _LAWS,
    ),
    Mutant(
        f"{_FOLDER}/jackknife_coefficients.py",
        "(-1) ** j * (k - j) ** m",
        "(-1) ** j * (k - j) ** (m - 1)",
        _ORDERS,
    ),
    Mutant(
        f"{_FOLDER}/jackknife_coefficients.py",
        "math.comb(free, j - a - part) / math.comb(k, j)",
        "math.comb(free, j - a - part) / math.comb(k, j + 1)",
        _ORDERS,
    ),
    Mutant(
        f"{_FOLDER}/jackknife_series.py",
        "total = total + (-1) ** (k - 1) *",
        "total = total + (-1) ** k *",
        _ORDERS,
    ),
    Mutant(f"{_FOLDER}/jackknife_series.py", "_EXTRA_DEGREE = 17", "_EXTRA_DEGREE = 9", _ORDERS),
    Mutant(f"{_FOLDER}/jackknife_sums.py", "torch.where(taken < 0.5,", "torch.where(taken < 2.0,", _ORDERS),
    Mutant(
        f"{_FOLDER}/jackknife_summary.py",
        "scale = torch.maximum(torch.maximum(a.scale, b.scale), left[:, :1].detach())",
        "scale = torch.maximum(a.scale, b.scale)",
        _PREFIXES,
    ),
    Mutant(
        f"{_FOLDER}/jackknife.py",
        "limit = torch.where(nonzero % 2 == 1,",
        "limit = torch.where(nonzero % 2 == 0,",
        _ORDERS,
    ),
    Mutant(
        f"{_FOLDER}/prefix_sums.py",
        "share.square() * torch.cat(squares",
        "share * torch.cat(squares",
        _PREFIXES,
    ),
    Mutant(
        f"{_FOLDER}/prefix_sums.py",
        "level = torch.cat(levels, -1).cummax(-1).values",
        "level = torch.cat(levels, -1).amax(-1, keepdim=True).expand(-1, len(ks))",
        _PREFIXES,
    ),
    Mutant(
        "estimators/diagnostics/ess.py",
        "sums.total.square() / sums.squares",
        "sums.total / sums.squares",
        ("tests/diagnostics/test_ess.py",),
    ),
    Mutant(
        "estimators/diagnostics/pareto.py",
        "_PRIOR_DRAWS, _PRIOR_K = 10, 0.5",
        "_PRIOR_DRAWS, _PRIOR_K = 10, 0.3",
        _PARETO,
    ),
    Mutant(
        "estimators/diagnostics/pareto.py",
        "math.ceil(min(k / 5, 3 * math.sqrt(k)))",
        "math.ceil(min(k / 10, 3 * math.sqrt(k)))",
        _PARETO,
    ),
    Mutant(
        "estimators/diagnostics/pareto.py",
        "(size / (j - 0.5)).sqrt()) / 3",
        "(size / (j - 0.5)).sqrt()) / 2",
        _PARETO,
    ),
)
