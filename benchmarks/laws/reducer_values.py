"""Laws of a reducer's values: what any estimate of a log mean does, whatever it declares."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from evidence_bench.benchmarks.laws.law import Law, Outcome, fails, holds
from evidence_bench.benchmarks.laws.reducer_subject import ReducerSubject, differences, stacked, unusable

SHIFTS = (-700.0, -3.25, 700.0)
LEVELS = (0.0, -3.5, 12.25, -700.0, 700.0)
_SHIFT_AMPLIFIES = 10  # adding 700 rounds every log weight by up to 6e-14, and a reducer may add these up


def compared(got: Tensor, expected: Tensor, names: Mapping[str, Tensor], k: int, within: float) -> Outcome:
    """Whether two values a row are the same, with the row where they are furthest apart."""
    apart = differences(got, expected)
    largest = float(apart.max())
    if largest <= within:
        return holds(f"the same to {largest:.1e} nats at K = {k}.", largest)
    row = int(apart.argmax())
    return fails(
        f"{float(got[row]):.6g} and not {float(expected[row]):.6g} at K = {k} in the row "
        f"'{list(names)[row]}': off by {float((got[row] - expected[row]).abs()):.2g} nats.",
        largest,
    )


def _shift(subject: ReducerSubject) -> Outcome:
    """f(log_w + c) = f(log_w) + c, compared in the unit of f(log_w), so that a level of 700 hides nothing."""
    rows = dict(subject.finite) | dict(subject.with_zeros)
    at_zero = subject.values(stacked(rows))
    outcomes = []
    for shift in SHIFTS:
        moved = subject.values(stacked(rows) + shift) - shift
        outcomes.append(compared(moved, at_zero, rows, subject.k, _SHIFT_AMPLIFIES * subject.rounding))
        if outcomes[-1].fails:
            return fails(f"with {shift:g} added and taken off again it is {outcomes[-1].sentence}")
    return max(outcomes, key=lambda outcome: outcome.figure)


def _constant(subject: ReducerSubject) -> Outcome:
    """Equal weights give their own level, at every K that is taken."""
    worst = holds("")
    for k in [k for k in (*range(subject.reducer.min_k, 41), subject.k, 5000) if subject.takes(k)]:
        level = torch.tensor(LEVELS, dtype=torch.float64)
        got = subject.values(level.unsqueeze(-1).expand(-1, k))
        names = {f"all {value:g}": level for value in LEVELS}
        outcome = compared(got, level, names, k, subject.rounding)
        if outcome.fails:
            return outcome
        worst = outcome if not worst.figure > outcome.figure else worst
    return worst


def _rows(subject: ReducerSubject) -> Outcome:
    """A row's value does not depend on the others, on their number, nor on the shape that they come in."""
    named = dict(subject.finite) | dict(subject.with_zeros)
    rows = stacked(named)
    together = subject.values(rows)
    if together.shape != rows.shape[:-1]:
        return fails(f"it gives shape {tuple(together.shape)} for log_w {tuple(rows.shape)}, not [rows].")
    alone = torch.stack([subject.values(row) for row in rows])
    cube = stacked(subject.finite).reshape(2, 3, 2, -1)
    in_cube = subject.values(cube)
    if in_cube.shape != (2, 3, 2) or subject.values(rows[:0]).shape != (0,):
        return fails("it does not give [...] for log_w [..., K] with several axes, or with no rows.")
    reshaped = torch.cat([in_cube.flatten(), together[len(subject.finite) :]])
    ends = (compared(values, together, named, subject.k, subject.rounding) for values in (alone, reshaped))
    return max(ends, key=lambda outcome: outcome.figure)


def _many_rows(subject: ReducerSubject) -> Outcome:
    generator = torch.Generator().manual_seed(3)
    many = 2 * torch.randn(3000, subject.k, generator=generator, dtype=torch.float64)
    alone = torch.stack([subject.values(row) for row in many[::100]])
    names = {f"{row} of 3000": many[row] for row in range(0, 3000, 100)}
    return compared(subject.values(many)[::100], alone, names, subject.k, subject.rounding)


def _zeros(subject: ReducerSubject) -> Outcome:
    """A number for every row: finite where no weight is zero, -inf where all are."""
    finite = subject.values(stacked(subject.finite)).isfinite()
    if not finite.all():
        row = list(subject.finite)[int((~finite).nonzero()[0])]
        return fails(f"not finite at K = {subject.k} in the row '{row}', whose weights all are above zero.")
    values = subject.values(stacked(subject.with_zeros))
    if values.isnan().any():
        row = list(subject.with_zeros)[int(values.isnan().nonzero()[0])]
        return fails(f"NaN at K = {subject.k} where {row}: a weight of zero (-inf) is legal.")
    empty = float(subject.values(torch.full((subject.k,), -torch.inf, dtype=torch.float64)))
    if empty != -torch.inf:
        return fails(f"{empty:g} and not -inf where all weights are zero.")
    return holds(f"a number with 0 to {subject.k} weights other than zero.")


def _input(subject: ReducerSubject) -> Outcome:
    rows = stacked(dict(subject.finite) | dict(subject.with_zeros))
    before, _ = rows.clone(), subject.reducer(rows)
    if torch.equal(rows, before):
        return holds("the weights are as they were.")
    return fails("it writes into the weights that it is given; work on a copy.")


def _repeatable(subject: ReducerSubject) -> Outcome:
    """The same weights give the same bits, and torch's global generator is left alone."""
    rows, state = stacked(subject.finite), torch.get_rng_state()
    first, second = subject.values(rows), subject.values(rows)
    if not torch.equal(state, torch.get_rng_state()):
        return fails("it draws from torch's global generator; a reducer is a function of its weights.")
    if torch.equal(first, second):
        return holds("twice the same.")
    apart = float(differences(first, second).max())
    return fails(f"the same weights give values {apart:.2g} apart; make it a function of them alone.", apart)


def _dtype(subject: ReducerSubject) -> Outcome:
    """float64 out; of what declares itself also float64 within, for weights of fewer digits."""
    for dtype in (torch.float64, torch.float32, torch.float16)[: 3 if subject.declares else 1]:
        rows = torch.stack(list(subject.finite.values())[:5]).to(dtype)
        values = subject.values(rows)
        if values.dtype != torch.float64:
            return fails(f"it gives {values.dtype} for {dtype} weights; begin with log_w.double().")
        outcome = compared(values, subject.values(rows.double()), subject.finite, subject.k, subject.rounding)
        if outcome.fails:
            return fails(f"{dtype} weights are not reduced in float64: {outcome.sentence}", outcome.figure)
    return holds("float64 out, and computed in it.")


SHIFT = Law("shift", "adding c to every log weight adds c", _shift, unusable)
CONSTANT = Law("equal weights", "equal log weights give their own value", _constant, unusable)
ROWS = Law("rows", "a row's value does not depend on the rows beside it", _rows, unusable)
MANY_ROWS = Law("many rows", "nor on how many there are", _many_rows, unusable)
ZEROS = Law("weights of zero", "-inf is legal and never gives NaN", _zeros, unusable)
INPUT = Law("input", "the weights are left as they were", _input, unusable)
REPEATABLE = Law("repeatable", "the same weights give the same value", _repeatable, unusable)
DTYPE = Law("float64", "float64 out, whatever comes in", _dtype, unusable)
LAWS = (SHIFT, CONSTANT, ROWS, MANY_ROWS, ZEROS, INPUT, REPEATABLE, DTYPE)
