"""Mistakes in samplers, kernels and the distributions and randomness below them."""

from tests.mutants.mutant import Mutant

_SAMPLERS = "estimators/samplers"
_ADAPTIVE = f"{_SAMPLERS}/adaptive"
_UNBIASED = ("tests/samplers/test_adaptive_unbiased.py", "tests/samplers/test_identity.py")
_PARTS = ("tests/samplers/test_adaptive_parts.py",)
_CONTRACT = ("tests/samplers/test_contract.py",)
_ANNEALED = ("tests/samplers/test_annealed.py",)
_KERNELS = ("tests/kernels/test_hamiltonian.py",)
_DISTRIBUTIONS = ("tests/models/test_distributions.py",)
_RANDOMNESS = ("tests/models/test_randomness.py",)

SAMPLERS = (
    Mutant(
        f"{_SAMPLERS}/proposal.py", "- log_q.double())", "- 0.99 * log_q.double())", _CONTRACT + _UNBIASED
    ),
    Mutant(
        f"{_SAMPLERS}/prior.py", "- log_prior.double())", "- 0 * log_prior.double())", _CONTRACT + _UNBIASED
    ),
    Mutant(
        f"{_SAMPLERS}/student_t.py",
        "- 0.5 * d * math.log(self.inflation)",
        "- d * math.log(self.inflation)",
        ("tests/samplers/test_identity.py",),
    ),
    Mutant(
        f"{_SAMPLERS}/student.py", "0.5 * (nu + d) * torch.log1p", "0.5 * (nu + d + 1) * torch.log1p", _PARTS
    ),
    Mutant(
        f"{_SAMPLERS}/student.py",
        "standard_gamma(generator, nu / 2,",
        "standard_gamma(generator, nu,",
        _PARTS,
    ),
    Mutant(
        f"{_SAMPLERS}/weights.py",
        "(looked_at.isnan() | looked_at.isposinf())",
        "looked_at.isnan()",
        _CONTRACT,
    ),
    Mutant(f"{_ADAPTIVE}/mixture.py", "math.log1p(-self.defensive / self.draws)", "0.0", _UNBIASED + _PARTS),
    Mutant(
        f"{_ADAPTIVE}/mixture.py",
        "own.log_defensive + math.log(self.defensive / self.draws)",
        "own.log_defensive",
        _UNBIASED + _PARTS,
    ),
    Mutant(
        f"{_ADAPTIVE}/schedule.py",
        "a * self.total / (whole * n)",
        "a * self.total / (self.total * n)",
        _PARTS + _UNBIASED,
    ),
    Mutant(
        f"{_ADAPTIVE}/rounds.py",
        "- 0.5 * d * math.log(self.inflation)",
        "- d * math.log(self.inflation)",
        _UNBIASED,
    ),
    Mutant(
        f"{_ADAPTIVE}/past.py",
        "self.log_weights(), inflation * distance, previous)",
        "self.log_weights(), distance, previous)",
        _PARTS + _UNBIASED,
    ),
    Mutant(
        f"{_ADAPTIVE}/past.py",
        "math.log(proposal.draws - proposal.defensive)",
        "math.log(proposal.draws)",
        _PARTS,
    ),
    Mutant(
        f"{_ADAPTIVE}/fit.py",
        "((previous.nu + d) / (previous.nu + distance))",
        "((previous.nu + d) / (previous.nu + d + distance))",
        _PARTS,
    ),
    Mutant(f"{_ADAPTIVE}/fit.py", "(ess / (ess + _PREVIOUS_DRAWS))", "(ess / (ess + 1))", _PARTS),
    Mutant(f"{_ADAPTIVE}/covariance.py", "- signal * _sum_of_squares(weight)", "", _PARTS),
    Mutant(
        f"{_ADAPTIVE}/laplace.py",
        "STEPS * (dimension + 1 + len(SCALES)) + 1",
        "STEPS * (dimension + len(SCALES)) + 1",
        _PARTS + _CONTRACT,
    ),
    Mutant(f"{_ADAPTIVE}/laplace.py", "- slope - e", "- e", _PARTS),
    Mutant(
        f"{_ADAPTIVE}/whitening.py",
        "-factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)",
        "factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)",
        _PARTS + _UNBIASED,
    ),
    Mutant(
        f"{_SAMPLERS}/annealing.py", "log_w = first * point.excess", "log_w = 0 * point.excess", _ANNEALED
    ),
    Mutant(
        f"{_SAMPLERS}/annealing.py",
        "1 - self.betas[-2], generator)",
        "self.betas[1], generator)",
        _ANNEALED,
        "the sigmoid of temperatures is symmetric: 1 - beta_(T-1) is beta_1",
    ),
    Mutant(
        f"{_SAMPLERS}/annealing.py",
        "3 * (1 + (steps - 1) * leapfrogs)",
        "3 * (steps - 1) * leapfrogs",
        _ANNEALED,
    ),
    Mutant(
        "estimators/kernels/hamiltonian.py",
        "momentum = momentum + 0.5 * size * density.force(point)\n        point",
        "momentum = momentum + size * density.force(point)\n        point",
        _KERNELS,
    ),
    Mutant(
        "estimators/kernels/hamiltonian.py",
        "risen + 0.5 * (squared_length(momentum) - squared_length(last))",
        "risen + (squared_length(momentum) - squared_length(last))",
        _KERNELS,
    ),
    Mutant(
        "estimators/kernels/hamiltonian.py",
        "rest + self.beta * point.value if self.beta else rest",
        "rest + point.value if self.beta else rest",
        _KERNELS + _ANNEALED,
    ),
    Mutant(
        "estimators/noise_space.py",
        "return torch.addcmul(mean, log_sd.exp(), e), log_sd.double().sum(-1)",
        "return torch.addcmul(mean, log_sd.exp(), e), 0 * log_sd.double().sum(-1)",
        _UNBIASED,
    ),
    Mutant("estimators/counted.py", "GRADIENT_COST = 3", "GRADIENT_COST = 2", _ANNEALED + _CONTRACT),
    Mutant(
        "estimators/streaming.py",
        "end = min(at + draws, k)",
        "end = at + draws",
        ("tests/samplers/test_streaming.py",),
    ),
    Mutant("models/distributions/johnson_su.py", "- math.log(2)", "", _DISTRIBUTIONS),
    Mutant(
        "models/distributions/student_t.py",
        "0.5 * (nu + dimension) * torch.log1p",
        "0.5 * nu * torch.log1p",
        _DISTRIBUTIONS,
    ),
    Mutant("models/distributions/mixture.py", "parts + self.log_weight[:, None]", "parts", _DISTRIBUTIONS),
    Mutant(
        "models/randomness.py",
        "words = np.frombuffer(_digest(key, 4 * _WORDS)",
        "words = np.frombuffer(4 * _WORDS // 8 * _digest(key[:1], 8)",
        _RANDOMNESS,
    ),
    Mutant("models/randomness.py", "slice(self.skip, end))", "slice(0, k))", _RANDOMNESS),
)
