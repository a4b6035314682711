"""A look at a model, a sampler or a reducer before anything is measured: is it a function of its arguments?

A hundred evaluations or so, counted apart from those of the cells, with randomness from keys of its own. What
it finds is a sentence that names the culprit and the remedy; the cells it touches are not measured then.
"""

from evidence_bench.benchmarks.looking.before import Looks
from evidence_bench.benchmarks.looking.model import look_at_model
from evidence_bench.benchmarks.looking.reducer import look_at_reducer
from evidence_bench.benchmarks.looking.sampler import look_at_sampler
from evidence_bench.benchmarks.looking.seen import LEFT_OUT, Seen

__all__ = ["LEFT_OUT", "Looks", "Seen", "look_at_model", "look_at_reducer", "look_at_sampler"]
