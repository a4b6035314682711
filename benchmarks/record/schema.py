"""The columns of results.parquet and results.csv: one row a finished cell (model, estimator, K)."""

from __future__ import annotations

RESULT_SCHEMA_VERSION = 3

COLUMNS: dict[str, str] = {
    "result_schema_version": "version of this list of columns; it grows when a meaning changes",
    "model": "model, with its options",
    "estimator": "estimator, with its options",
    "k": "K, samples an estimate; for an estimator of random length the expected evaluations",
    "points": "B, data points",
    "replicates": "R, independent repetitions of every estimate",
    "log_evidence": "mean estimate of log p(x) over points and replicates, nats; minus it is the NLL a point",
    "log_evidence_stderr": "its standard error from the replicates, these points fixed, nats",
    "log_evidence_stderr_points": "its standard error with the points as a sample (images differ by far more "
    "than estimates do), nats; with Student's t and B - 1 degrees of freedom it makes a 95% interval",
    "reference": "mean true log p(x) over the points, nats",
    "reference_stderr": "standard error of that mean; 0 where the truth is exact, nats",
    "reference_stderr_points": "standard error of the mean true log p(x) with the points as a sample, nats",
    "reference_doubtful": "share of points where more was seen than the reference's error covers",
    "reference_lower": "mean over points of a lower bound (in expectation), nats; empty where none",
    "reference_upper": "the same of an upper bound, nats",
    "bias": "mean over points of (mean over replicates - log p(x)), nats",
    "bias_stderr": "its standard error from replicates and reference, these points fixed, nats",
    "bias_low": "lower end of its 95% interval by Student's t, these points fixed, nats",
    "bias_high": "upper end of it, nats",
    "bias_stderr_points": "its standard error with the points as a sample, nats",
    "bias_low_points": "lower end of its 95% interval by t with B - 1 degrees, the points as a sample, nats",
    "bias_high_points": "upper end of it, nats",
    "bias_controlled": "bias after subtracting terms of known mean; empty where they would not help, nats",
    "bias_controlled_stderr": "its standard error, points fixed, nats",
    "bias_controlled_low": "lower end of its 95% interval by Student's t, nats",
    "bias_controlled_high": "upper end of it, nats",
    "variance": "mean over points of the variance over replicates of one estimate, nats^2",
    "variance_stderr": "its standard error, points fixed, nats^2",
    "variance_low": "lower end of its 95% interval by chi-square, whose degrees its standard error implies",
    "variance_high": "upper end of it, nats^2",
    "rmse": "root of the mean squared error over points and replicates, without the reference's part, nats",
    "rmse_stderr": "its standard error, points fixed, nats",
    "rmse_low": "lower end of its 95% interval: chi-square for the replicates, t for the reference, nats",
    "rmse_high": "upper end of it, nats",
    "rmse_mean": "root mean squared error of the mean over these B points, sqrt(bias^2 + variance / B), with "
    "noise taken out of bias^2: another estimator may be the best for it, nats",
    "rmse_mean_stderr": "its standard error, points fixed, nats",
    "n_not_finite": "infinite estimates; above 0, bias, variance and rmse are written as not finite",
    "evaluations": "counted evaluations of log p(x, z) for one estimate of one point",
    "seconds": "median time of one estimate of all the points, measured alone, seconds",
    "seconds_stderr": "standard error of that median, from the median absolute deviation, seconds",
    "seconds_low": "least of five rounds: lower end of its 94% interval, whatever the law; empty below five",
    "seconds_high": "largest of five rounds: upper end of it, seconds",
    "device_seconds": "median time between events before and after it on a GPU, seconds; empty on a CPU",
    "evaluations_per_second": "points x evaluations / seconds",
    "peak_bytes": "largest tensor memory above the start during one such estimate, bytes",
    "ess": "mean effective sample size of the K weights, 0 where all are zero",
    "max_weight": "mean share of the largest weight, of replicates with a weight above zero",
    "khat": "median over points of the Pareto k-hat of a point's draws over all replicates; empty below 1000",
    "khat_above_0.7": "share of points whose k-hat is above 0.7",
    "weight_ratio": "mean weight over p(x), of the points and replicates whose tail is known, of all where "
    "none is; 1 but for noise; empty where p(x) is not known",
    "weight_ratio_stderr": "its standard error, points fixed",
    "weight_gap": "log of weight_ratio, nats; 0 but for noise",
    "weight_gap_stderr": "its standard error, points fixed, nats",
    "weight_check": "passes, or fails where weight_gap is further from 0 than a right model gets in one of a "
    "million runs: log_joint, proposal and log_evidence do not belong together or, below 0, the proposal "
    "misses a part of the posterior; empty where the tail of the weights is too heavy or unknown to tell",
    "c2": "mean over points of c2 = Var w / p(x)^2",
    "c2_stderr": "its standard error; 0 where exact",
    "c3": "mean over points of c3, the third relative central moment",
    "c3_stderr": "its standard error; 0 where exact",
    "in_regime": "share of points at which the expansions in 1/K can be used",
    "predicted_bias": "mean over points of the bias by its expansion (Proposition 1), nats; empty where none",
    "predicted_variance": "the same of the variance (Proposition 2), nats^2; empty where none",
    "verdict": "variance against its expansion, for IWAE Proposition 2: agrees, disagrees, undecided or "
    "not in the asymptotic regime; empty where none applies",
    "verdict_ratio": "measured over predicted variance, of the points in the asymptotic regime",
    "verdict_low": "lower end of the 95% bootstrap interval of measured over predicted variance",
    "verdict_high": "upper end of it",
    "verdict_bias": "Proposition 1: the same for the bias",
    "bound_check": "the declared bound against the bias: contradicts where that is more than 5 standard "
    "errors on the wrong side, holds where its 95% interval is on the right one, else undecided; empty "
    "without a claim",
    "bound_excess": "how far the mean estimate is beyond the declared bound: the bias (of an upper bound "
    "minus the bias), controlled where it can be, nats",
    "bound_excess_stderr": "its standard error, points fixed, nats",
    "iid_check": "the same of iid weights: contradicts, holds, undecided; empty where they are not declared",
    "iid_ratio": "n Var(mean of n weights) over Var(one weight), of a bounded function of the first weights "
    "of a replicate, n = 64 or K: 1 where they are independent, 2 where each is there twice",
    "iid_ratio_stderr": "its standard error",
    "symmetric_check": "contradicts where asymmetry is above 1e-6 nats, else holds; empty where symmetry is "
    "not declared",
    "asymmetry": "largest move of the first estimate when its weights come in two other orders, nats",
    "cost_check": "contradicts where more than K evaluations are counted for one estimate, else holds",
}

SLOPE_COLUMNS: dict[str, str] = {
    "model": "model, with its options",
    "estimator": "estimator, with its options",
    "bias_slope": "slope of log |bias| against log K over the K in the asymptotic regime, up to the first "
    "where a third of the replicates shows no bias above 3 standard errors; fitted to the others",
    "bias_slope_low": "lower end of its 95% interval by Student's t over replicates and reference",
    "bias_slope_high": "upper end of it",
    "expected_bias_slope": "slope of the expansion over the same K, minus the order of the bias in the limit",
    "bias_k_used": "the K of the bias slope",
    "declared_order": "order of the bias that the estimator declares, O(K^-order); empty where none",
    "measured_order": "minus the slope of log |bias| against log K over the K in the asymptotic regime, with "
    "controls also where the estimator declares no series",
    "measured_order_low": "lower end of its 95% interval by Student's t over replicates and reference",
    "measured_order_high": "upper end of it",
    "order_check": "contradicts where measured_order is below the declared one by more than .7 and 5 "
    "standard errors, holds where its interval is not, not measured below 3 K, else undecided; empty "
    "without a claim",
    "variance_slope": "slope of log variance against log K over the K in the asymptotic regime",
    "variance_slope_low": "lower end of its 95% interval by Student's t over replicates",
    "variance_slope_high": "upper end of it",
    "expected_variance_slope": "slope of the expansion over the same K, -1 in the limit",
    "second_coefficient": "coefficient of K^-2 in the variance, measured; Proposition 2 has c2/K + this/K^2",
    "second_coefficient_low": "lower end of its 95% interval",
    "second_coefficient_high": "upper end of it",
    "expected_second_coefficient": "mean over points of -(c3 - 5 c2^2 / 2); for jackknife and delta c2^2 / 2",
    "k_used": "the K in the asymptotic regime that entered",
}

POINT_COLUMNS: dict[str, str] = {
    "model": "model, with its options",
    "estimator": "estimator, with its options",
    "k": "K, samples an estimate",
    "point": "data point, from 0; the same x in every run of the model",
    "log_evidence": "mean over replicates of the estimates of log p(x), nats",
    "log_evidence_stderr": "its standard error from the replicates, nats; empty for one replicate",
    "stdev": "standard deviation over replicates of one estimate, nats",
    "reference": "true log p(x), nats; empty where it is not known",
    "reference_stderr": "its standard error; 0 where exact, nats",
    "khat": "Pareto k-hat of the point's draws over all replicates; empty below 1000 draws",
    "ess": "mean effective sample size of the K weights, 0 where all are zero",
    "max_weight": "mean share of the largest weight, of replicates with a weight above zero",
}
