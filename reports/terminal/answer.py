"""The answer first: log p(x) of each model, which estimator to take, and whether to trust it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console

from evidence_bench.benchmarks.command.terminal import console as console_of
from evidence_bench.benchmarks.recommendations.budget import Budget
from evidence_bench.reports.answers import DOUBTED, EXTRAPOLATED, Answer, answers, marks
from evidence_bench.reports.numbers import MINUS, NONE, TIMES
from evidence_bench.reports.read import Run

WITHOUT_A_TERMINAL = 100  # columns
TITLE = "log p(x), mean over the data points; least RMSE of one estimate of one point, nats, 95% interval"
_PLAIN = str.maketrans(
    {MINUS: "-", NONE: "-", TIMES: "x", EXTRAPOLATED: "*", DOUBTED: "!", "µ": "u", "≈": "~", "≤": "<="}
    | dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
)


def print_answers(console: Console, found: Sequence[Answer]) -> None:
    """A block for each model, then what the marks mean."""
    if not found:
        return
    console.print(TITLE)
    for one in found:
        for line in (*_of_level(one), *_of_budgets(one)):
            console.print(plain(line), soft_wrap=True)
    for mark, meaning in marks(found).items():
        console.print(plain(f"{mark} {meaning}."), soft_wrap=True)
    console.print()


def print_recommendations(run: Run, budgets: Sequence[Budget]) -> None:
    """The answers at these budgets on stdout."""
    console = console_of(WITHOUT_A_TERMINAL)
    print_answers(console, answers(run, budgets))
    for notice in run.notices:
        console.print(notice, soft_wrap=True)


def plain(text: str) -> str:
    """``text`` in characters that any terminal and any encoding has, ± apart."""
    return text.replace(f"{TIMES}10", "x10^").translate(_PLAIN)


def _of_level(one: Answer) -> Iterator[str]:
    level = one.level
    told = [part for part in (level.over_points, level.of_itself) if part]
    between = f"; bounds on average {level.between}" if level.between else ""
    yield f"{level.model}: log p(x) {'=' if level.known else '≈'} {level.text} nats"
    yield f"    {'; '.join(told)}{between}"
    if level.source:
        yield f"    {level.source}"
    yield f"    trust it: {one.trust.word}: {'; '.join(one.trust.reasons)}"


def _of_budgets(one: Answer) -> Iterator[str]:
    """A line for each estimator that may be the best; what keeps the verdict open stands beneath."""
    if one.nothing:
        yield f"    {one.nothing}"
    lines = [line for budget in one.budgets for line in budget.lines]
    widths = [max((len(getattr(line, name)) for line in lines), default=0) for name in ("take", "k")]
    first = max((len(budget.budget) for budget in one.budgets), default=0)
    for budget in one.budgets:
        head = budget.budget
        for line in budget.lines:
            error = f"{line.rmse} ({line.interval})"
            yield f"  {head:<{first}}  {line.take:<{widths[0]}}  K = {line.k:<{widths[1]}}  {error}"
            head = ""
        if budget.why:
            yield f"  {head:<{first}}  {budget.why if budget.lines else f'nothing: {budget.why}'}"
        if budget.for_mean:
            yield f"  {'':<{first}}  {budget.for_mean}"
