"""How wide a reference begins: wide enough to meet a second mode, where the dimension lets it."""

from __future__ import annotations

WIDEST = 4.0  # standard deviations of the proposal, or of the Gaussian at the mode
VOLUME = 64.0  # of the start, in units of theirs


def width(dimension: int) -> float:
    """s = min(4, 64^(1/D)): the start is N(centre, s^2 A A^T) where N(centre, A A^T) would be the exactest.

    From s = 1 a mode eight standard deviations away is missed by most annealed chains, all of which then
    agree; from s = 4 it is met. But of the first draws a share s^-D is left where a narrow posterior is,
    and chains have the further to go: in 6 dimensions adaptive runs from s = 3 have too few draws to fit a
    Gaussian to, and annealed chains twice the error of s = 2; in 50, s = 2 makes their error three times as
    large on an MNIST decoder.
    """
    return min(WIDEST, float(VOLUME ** (1.0 / dimension)))
