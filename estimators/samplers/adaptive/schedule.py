"""Rounds, draws and combination weights, all fixed before the first draw: what keeps the mean unbiased."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

EARLY_SHARE = 0.6  # of the draws, in all rounds but the last together
# Combination weights in proportion; a round's figure counts the more the later.
ELEVEN = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 27)
SIX = (0, 2, 4, 6, 8, 27)
_DRAWS_A_DIMENSION = 12


@dataclass(frozen=True)
class Schedule:
    """n_t draws in round t, d_t of them from the defensive component; p(x) is sum_t alpha_t Zhat_t."""

    draws: tuple[int, ...]
    defensive: tuple[int, ...]
    alphas: tuple[int, ...]

    @classmethod
    def of(cls, total: int, defensive_share: float, alphas: tuple[int, ...] = ELEVEN) -> Schedule:
        """Equal rounds with 60% of ``total`` and one of the rest; a defensive share from the second on."""
        early = len(alphas) - 1
        each = max(2, round(EARLY_SHARE / early * total))
        draws = (each,) * early + (total - early * each,)
        defensive = [min(n - 1, math.ceil(defensive_share * n)) for n in draws]
        return cls(draws, (0, *defensive[1:]), alphas)

    @classmethod
    def around_mode(cls, total: int, defensive_share: float, dimension: int) -> Schedule:
        """Eleven rounds, or six where that would leave an early one fewer than 12 D draws.

        From a mode there is little left to learn, and so few draws teach little: larger rounds lose
        nothing, and halve the work of the fits.
        """
        few = EARLY_SHARE * total / (len(ELEVEN) - 1) < _DRAWS_A_DIMENSION * dimension
        return cls.of(total, defensive_share, SIX if few else ELEVEN)

    @property
    def total(self) -> int:
        """Draws of all rounds."""
        return sum(self.draws)

    @cached_property
    def log_factors(self) -> tuple[float, ...]:
        """log(alpha_t N / n_t): with it added, the mean of all N weights is sum_t alpha_t Zhat_t."""
        whole = sum(self.alphas)
        shares = (a * self.total / (whole * n) for a, n in zip(self.alphas, self.draws, strict=True))
        return tuple(math.log(share) if share > 0 else -math.inf for share in shares)
