"""Named studies: what ``--study`` runs when nothing else is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evidence_bench.benchmarks.study.settings import Settings

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


# Table 1 and what stands around it: 5000 samples an image, each image once.
_LIKELIHOOD = Settings(
    models=(
        "mnist-elbo-1l",
        "mnist-iwae5-1l",
        "mnist-iwae50-1l",
        "mnist-elbo-then-iwae50-1l",
        "mnist-elbo-2l",
        "mnist-iwae50-2l",
        "omniglot28-iwae5-1l",
    ),
    estimators=("iwae", "adaptive"),
    samples=(5000,),
    replicates=1,
    points=200,
    reference="none",
    timed=False,
    units=True,
    study="table1",
)

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
    Study(
        "table1",
        "Burda et al., Table 1: NLL from 5000 samples and active units (all images: --points 10000)",
        _LIKELIHOOD,
    ),
    Study(
        "table2",
        "the same paper, Table 2: objectives switched in mid-training",
        replace(
            _LIKELIHOOD,
            models=(
                "mnist-elbo-1l",
                "mnist-elbo-then-iwae50-1l",
                "mnist-iwae50-1l",
                "mnist-iwae50-then-elbo-1l",
                "mnist-elbo-2l",
                "mnist-iwae50-2l",
            ),
            estimators=("iwae",),
            points=500,
            study="table2",
        ),
    ),
    Study(
        "activity",
        "the same paper, section 5.2: activity of each latent unit against its KL term",
        replace(
            _LIKELIHOOD,
            models=(*_LIKELIHOOD.models, "mnist-iwae50-then-elbo-1l"),
            estimators=("elbo",),
            samples=(50,),
            points=400,
            study="activity",
        ),
    ),
    Study(
        "nowozin",
        "the JVI paper, Table 1: trained by x evaluated by, orders to 5, against the truth",
        Settings(
            models=("mnist-elbo-1l", "mnist-iwae50-1l", "mnist-jvi1-1l"),
            estimators=("elbo", "iwae", "jvi", *(f"jvi[order={m}]" for m in range(2, 6))),
            samples=(8, 16, 32, 64, 256),
            replicates=100,
            points=24,
            timed=False,
            study="nowozin",
        ),
    ),
)


def find_study(name: str) -> Study:
    """The study of that name; UnknownName with near matches."""
    from evidence_bench.models.specs import unknown

    known = {study.name: study for study in STUDIES}
    if name not in known:
        raise unknown("study", name, known)
    return known[name]
