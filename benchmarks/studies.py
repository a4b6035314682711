"""Named studies: what ``--study`` runs when nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from benchmarks.settings import Settings

_DEFAULT = Settings(
    models=("linear-gaussian", "lognormal", "digits-vae"),
    estimators=("elbo", "iwae", "jvi", "adaptive"),
    samples=tuple(2**i for i in range(10)),
    replicates=200,
    points=32,
)


@dataclass(frozen=True)
class Study:
    """A name, what it answers, and its settings."""

    name: str
    about: str
    settings: Settings


STUDIES: tuple[Study, ...] = (
    Study(
        "default",
        "four estimators on an oracle, a weight law and a trained model: bias, variance, cost, speed",
        _DEFAULT,
    ),
    Study(
        "quick",
        "the same question in seconds, with wide error bars",
        replace(_DEFAULT, samples=(1, 4, 16, 64, 256), replicates=50, points=8, study="quick"),
    ),
    Study(
        "reducers",
        "what can be made of the same weights: ELBO, IWAE, jackknife orders 1 to 3, delta method",
        replace(
            _DEFAULT,
            models=("lognormal[s2=0.25]", "lognormal", "gaussian-20d", "linear-gaussian"),
            estimators=("elbo", "iwae", "jvi", "jvi[order=2]", "jvi[order=3]", "dvi"),
            study="reducers",
        ),
    ),
    Study(
        "proposals",
        "what a better proposal buys: prior, encoder, inflated Student-t, adaptive",
        replace(
            _DEFAULT,
            models=("linear-gaussian", "gaussian-20d", "digits-vae"),
            estimators=("prior", "iwae", "student-t", "adaptive"),
            samples=(16, 64, 256, 1024, 2048),
            replicates=50,
            points=16,
            study="proposals",
        ),
    ),
    Study(
        "objectives",
        "what training by the ELBO, IWAE, IWAE with its KL counted twice, or the prior leaves to estimate",
        replace(
            _DEFAULT,
            models=("digits-elbo", "digits-vae", "digits-iwae-kl", "digits-prior"),
            estimators=("elbo", "iwae", "prior"),
            samples=(1, 4, 16, 64, 256, 1024),
            replicates=50,
            points=400,
            study="objectives",
        ),
    ),
)


def find_study(name: str) -> Study:
    """The study of that name; UnknownName with near matches."""
    from models.specs import unknown

    known = {study.name: study for study in STUDIES}
    if name not in known:
        raise unknown("study", name, known)
    return known[name]
