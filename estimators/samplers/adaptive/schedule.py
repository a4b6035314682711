"""Rounds, draws and combination weights, all fixed before the first draw: what keeps the mean unbiased."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

EARLY_FRACTION = 0.06  # of the draws, in each round but the last
ALPHAS = (0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 27)  # in proportion; a round's figure counts the more the later


@dataclass(frozen=True)
class Schedule:
    """n_t draws in round t, d_t of them from the defensive component; p(x) is sum_t alpha_t Zhat_t."""

    draws: tuple[int, ...]
    defensive: tuple[int, ...]

    @classmethod
    def of(cls, total: int, defensive_share: float) -> Schedule:
        """Ten rounds of 6% of ``total`` and one of the rest; a defensive share from the second round on."""
        early = len(ALPHAS) - 1
        each = max(2, round(EARLY_FRACTION * total))
        draws = (each,) * early + (total - early * each,)
        defensive = [min(n - 1, math.ceil(defensive_share * n)) for n in draws]
        return cls(draws, (0, *defensive[1:]))

    @property
    def total(self) -> int:
        """Draws of all rounds."""
        return sum(self.draws)

    @cached_property
    def log_factors(self) -> tuple[float, ...]:
        """log(alpha_t N / n_t): with it added, the mean of all N weights is sum_t alpha_t Zhat_t."""
        whole = sum(ALPHAS)
        shares = (a * self.total / (whole * n) for a, n in zip(ALPHAS, self.draws, strict=True))
        return tuple(math.log(share) if share > 0 else -math.inf for share in shares)
