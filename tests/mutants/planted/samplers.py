"""Mistakes in samplers, kernels and the distributions and randomness below them."""

from tests.mutants.mutant import Mutant

SAMPLERS = (
    Mutant(
        "estimators/samplers/proposal.py",
        "- log_q.double())",
        "- 0.99 * log_q.double())",
        ("tests/samplers/test_contract.py::test_every_law_holds",),
    ),
    Mutant(
        "estimators/samplers/prior.py",
        "- log_prior.double())",
        "- 0 * log_prior.double())",
        ("tests/samplers/test_contract.py::test_float32_models_give_float64_weights_of_the_same_evidence",),
    ),
    Mutant(
        "estimators/samplers/student_t.py",
        "- 0.5 * d * math.log(self.inflation)",
        "- d * math.log(self.inflation)",
        ("tests/samplers/test_identity.py::test_weights_of_iid_samplers_average_to_the_evidence",),
    ),
    Mutant(
        "estimators/noise_space/student.py",
        "0.5 * (nu + d) * torch.log1p",
        "0.5 * (nu + d + 1) * torch.log1p",
        ("tests/samplers/test_adaptive_parts.py::test_student_density_is_scipys",),
    ),
    Mutant(
        "estimators/noise_space/student.py",
        "standard_gamma(generator, nu / 2,",
        "standard_gamma(generator, nu,",
        ("tests/samplers/test_identity.py",),
    ),
    Mutant(
        "estimators/samplers/weights.py",
        "(looked_at.isnan() | looked_at.isposinf())",
        "looked_at.isnan()",
        ("tests/samplers/test_contract.py::test_weights_that_are_no_weights_are_errors_that_name_the_row",),
    ),
    Mutant(
        "estimators/samplers/adaptive/mixture.py",
        "math.log1p(-self.defensive / self.draws)",
        "0.0",
        ("tests/samplers/test_adaptive_unbiased.py::test_the_recipe_is_unbiased",),
    ),
    Mutant(
        "estimators/samplers/adaptive/mixture.py",
        "own.log_defensive + math.log(self.defensive / self.draws)",
        "own.log_defensive",
        ("tests/samplers/test_adaptive_unbiased.py::test_the_recipe_is_unbiased",),
    ),
    Mutant(
        "estimators/samplers/adaptive/schedule.py",
        "a * self.total / (whole * n)",
        "a * self.total / (self.total * n)",
        ("tests/samplers/test_adaptive_unbiased.py::test_the_recipe_is_unbiased",),
    ),
    Mutant(
        "estimators/samplers/adaptive/rounds.py",
        "- 0.5 * d * math.log(self.inflation)",
        "- d * math.log(self.inflation)",
        ("tests/samplers/test_adaptive_unbiased.py::test_the_recipe_is_unbiased",),
    ),
    Mutant(
        "estimators/samplers/adaptive/past.py",
        "self.log_weights(), inflation * distance, previous)",
        "self.log_weights(), distance, previous)",
        ("tests/samplers/test_adaptive_fit.py",),
    ),
    Mutant(
        "estimators/samplers/adaptive/past.py",
        "math.log(proposal.draws - proposal.defensive)",
        "math.log(proposal.draws)",
        ("tests/samplers/test_adaptive_fit.py",),
    ),
    Mutant(
        "estimators/samplers/adaptive/fit.py",
        "((previous.nu + d) / (previous.nu + distance))",
        "((previous.nu + d) / (previous.nu + d + distance))",
        ("tests/samplers/test_adaptive_fit.py",),
    ),
    Mutant(
        "estimators/samplers/adaptive/fit.py",
        "(ess / (ess + _PREVIOUS_DRAWS))",
        "(ess / (ess + 1))",
        ("tests/samplers/test_adaptive_fit.py",),
    ),
    Mutant(
        "estimators/samplers/adaptive/covariance.py",
        "- signal * _sum_of_squares(weight)",
        "",
        ("tests/samplers/test_adaptive_parts.py::test_covariance_shrinks_by_the_noise_of_its_correlations",),
    ),
    Mutant(
        "estimators/noise_space/laplace.py",
        "STEPS * (dimension + 1 + len(SCALES)) + 1",
        "STEPS * (dimension + len(SCALES)) + 1",
        ("tests/samplers/test_adaptive_parts.py::test_laplace_costs_what_it_says",),
    ),
    Mutant(
        "estimators/noise_space/laplace.py",
        "- slope - e",
        "- e",
        (
            "tests/samplers/test_adaptive_parts.py::test_curvature_is_the_gradient_of_the_target_in_noise_space",
        ),
    ),
    Mutant(
        "estimators/noise_space/coordinates.py",
        "-factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)",
        "factor.diagonal(dim1=-2, dim2=-1).log().sum(dim=-1)",
        ("tests/samplers/test_adaptive_parts.py::test_whitening_by_a_precision_goes_there_and_back",),
    ),
    Mutant(
        "estimators/samplers/annealing.py",
        "log_w = first * point.excess",
        "log_w = 0 * point.excess",
        (
            "tests/samplers/test_annealed.py::test_weights_average_to_the_evidence_and_reversed_to_its_reciprocal",
        ),
    ),
    Mutant(
        "estimators/samplers/annealing.py",
        "1 - self.betas[-2], generator)",
        "self.betas[1], generator)",
        ("tests/samplers/test_annealed.py",),
        equivalent="the sigmoid of temperatures is symmetric: 1 - beta_(T-1) is beta_1",
    ),
    Mutant(
        "estimators/samplers/annealing.py",
        "3 * (1 + (steps - 1) * leapfrogs)",
        "3 * (steps - 1) * leapfrogs",
        ("tests/samplers/test_annealed.py::test_the_counted_cost_is_the_declared_one",),
    ),
    Mutant(
        "estimators/kernels/hamiltonian.py",
        "momentum = momentum + 0.5 * size * density.force(point)\n        point",
        "momentum = momentum + size * density.force(point)\n        point",
        ("tests/kernels/test_hamiltonian.py::test_a_trajectory_turned_round_leads_back",),
    ),
    Mutant(
        "estimators/kernels/hamiltonian.py",
        "risen + 0.5 * (squared_length(momentum) - squared_length(last))",
        "risen + (squared_length(momentum) - squared_length(last))",
        ("tests/kernels/test_hamiltonian.py::test_draws_of_the_density_stay_draws_of_it",),
    ),
    Mutant(
        "estimators/kernels/hamiltonian.py",
        "rest + self.beta * point.value if self.beta else rest",
        "rest + point.value if self.beta else rest",
        ("tests/kernels/test_hamiltonian.py::test_the_force_is_the_slope_of_the_log_density",),
    ),
    Mutant(
        "estimators/noise_space/space.py",
        "return torch.addcmul(mean, log_sd.exp(), e), log_sd.double().sum(-1)",
        "return torch.addcmul(mean, log_sd.exp(), e), 0 * log_sd.double().sum(-1)",
        ("tests/samplers/test_adaptive_unbiased.py::test_the_recipe_is_unbiased",),
    ),
    Mutant(
        "estimators/counted.py",
        "GRADIENT_COST = 3",
        "GRADIENT_COST = 2",
        ("tests/samplers/test_annealed.py::test_the_counted_cost_is_the_declared_one",),
    ),
    Mutant(
        "estimators/streaming.py",
        "end = min(at + draws, k)",
        "end = at + draws",
        ("tests/samplers/test_streaming.py::test_any_k_in_any_budget",),
    ),
    Mutant(
        "models/distributions/johnson_su.py",
        "- math.log(2)",
        "",
        ("tests/models/test_distributions.py::test_a_bijection_changes_the_density_by_its_jacobian",),
    ),
    Mutant(
        "models/distributions/student_t.py",
        "0.5 * (nu + dimension) * torch.log1p",
        "0.5 * nu * torch.log1p",
        ("tests/models/test_distributions.py::test_ratio_of_densities_averages_to_one",),
    ),
    Mutant(
        "models/distributions/mixture.py",
        "parts + self.log_weight[:, None]",
        "parts",
        ("tests/models/test_distributions.py::test_ratio_of_densities_averages_to_one",),
    ),
    Mutant(
        "models/randomness.py",
        "words = np.frombuffer(_digest(key, 4 * _WORDS)",
        "words = np.frombuffer(4 * _WORDS // 8 * _digest(key[:1], 8)",
        ("tests/models/test_randomness.py",),
    ),
    Mutant(
        "models/randomness.py",
        "slice(self.skip, end))",
        "slice(0, k))",
        ("tests/models/test_randomness.py::test_draws_after_a_skip_are_those_that_follow",),
    ),
)
