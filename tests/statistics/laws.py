"""Weight laws whose estimators have exact expectations: finite sums, closed forms, one-dimensional integrals.

All have mean weight 1, so that log p(x) = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special, stats


@dataclass(frozen=True)
class TwoPoint:
    """w = high with probability ``share``, else low: every expectation is a sum over the number of highs."""

    share: float
    ratio: float  # of low to high

    @property
    def values(self) -> np.ndarray:
        high = 1 / (self.share + (1 - self.share) * self.ratio)
        return np.array([self.ratio * high, high])

    def moment(self, i: int) -> float:
        return float(np.array([1 - self.share, self.share]) @ (self.values - 1) ** i)

    def counts(self, k: int) -> tuple[np.ndarray, np.ndarray]:
        """(probability, mean weight) of n = 0..k highs among k."""
        n = np.arange(k + 1)
        return stats.binom.pmf(n, k, self.share), self.mean_weight(n, k)

    def mean_weight(self, highs, k) -> np.ndarray:
        low, high = self.values
        return low + (high - low) * highs / k

    def estimate(self, name: str, order: int, k: int) -> np.ndarray:
        """The estimate of log p for each n = 0..k."""
        n, (_, mean) = np.arange(k + 1), self.counts(k)
        if name == "log-mean":
            return np.log(mean)
        if name == "delta":
            low, high = self.values
            variance = (high - low) ** 2 * (n / k) * (1 - n / k) * k / (k - 1)
            return np.log(mean) + variance / (2 * k * mean**2)
        return sum(self._jackknife_term(j, order, k) for j in range(order + 1))

    def _jackknife_term(self, j: int, m: int, k: int) -> np.ndarray:
        """c_j times the mean, over all ways to leave j weights out, of the log of the mean weight."""
        n, out = np.arange(k + 1)[:, None], np.arange(j + 1)[None, :]
        ways = special.binom(n, out) * special.binom(k - n, j - out) / special.binom(k, j)
        logs = np.log(self.mean_weight(np.clip(n - out, 0, k - j), k - j))
        factor = (-1) ** j * (k - j) ** m / (special.factorial(m - j) * special.factorial(j))
        return factor * (ways * logs).sum(axis=1)

    def mean_and_variance(self, values: np.ndarray, k: int) -> tuple[float, float]:
        probability, _ = self.counts(k)
        mean = probability @ values
        return float(mean), float(probability @ (values - mean) ** 2)


@dataclass(frozen=True)
class LogNormal:
    """log w ~ N(-s2/2, s2)."""

    s2: float

    def moment(self, i: int) -> float:
        e = np.exp(self.s2)
        c2 = e - 1
        return {2: c2, 3: c2**2 * (e + 2), 4: c2**2 * (e**4 + 2 * e**3 + 3 * e**2 - 3)}[i]

    def weights(self, shape, generator: np.random.Generator) -> np.ndarray:
        return np.exp(np.sqrt(self.s2) * generator.standard_normal(shape) - self.s2 / 2)

    def bias(self, k: int) -> float:
        x = np.linspace(-12, 14, 1041)
        density = np.exp(-x * x / 2)
        return expected_log_sum(np.exp(np.sqrt(self.s2) * x - self.s2 / 2), density / density.sum(), k)


@dataclass(frozen=True)
class Gaussian20:
    """The 20-D model z ~ N(theta, I), x given z ~ N(z, I), q = N(x/2 + theta/2, (2/3) I).

    The posterior is N(x/2 + theta/2, I/2), so with z - (x + theta)/2 = sqrt(2/3) e, e ~ N(0, I),
    log w = 10 log(4/3) - |e|^2/6, and |e|^2 is twice a Gamma(10, 1).
    """

    def moment(self, i: int) -> float:
        raw = [(4 / 3) ** (10 * j) * (1 + j / 3) ** -10.0 for j in range(i + 1)]
        return sum(special.binom(i, j) * (-1) ** (i - j) * raw[j] for j in range(i + 1))

    def weights(self, shape, generator: np.random.Generator) -> np.ndarray:
        return np.exp(10 * np.log(4 / 3) - generator.standard_gamma(10.0, shape) / 3)

    def weights_from_latents(self, shape, generator: np.random.Generator) -> np.ndarray:
        """The same weights, from 20-dimensional z and the two densities."""
        z = np.sqrt(2 / 3) * generator.standard_normal((*shape, 20))
        log_posterior = stats.norm.logpdf(z, scale=np.sqrt(1 / 2)).sum(-1)
        return np.exp(log_posterior - stats.norm.logpdf(z, scale=np.sqrt(2 / 3)).sum(-1))

    def bias(self, k: int) -> float:
        g = np.linspace(1e-3, 80, 4001)
        density = stats.gamma.pdf(g, 10)
        return expected_log_sum(np.exp(10 * np.log(4 / 3) - g / 3), density / density.sum(), k)


def expected_log_sum(w: np.ndarray, mass: np.ndarray, k: int, step: float = 0.02) -> float:
    """E log mean of k draws = integral of (e^-u - phi(u)^k) du/u - log k, phi the Laplace transform of w."""
    u = np.exp(np.arange(-32, 25, step))
    with np.errstate(under="ignore"):
        transform = np.exp(-np.outer(u, w)) @ mass
        return float((np.exp(-u) - transform**k).sum() * step - np.log(k))


# Their a2, a3 are not near zero, so the leading term of every series shows at K = 64.
TWO_POINT = (TwoPoint(0.5, 0.1), TwoPoint(0.7, 0.1), TwoPoint(0.15, 0.4))
EXPANSIONS = (("log-mean", 0), ("jackknife", 1), ("jackknife", 2), ("delta", 0))
