"""Every model by name. Importing this module does not import torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evidence_bench.models import specs
from evidence_bench.models.errors import BadOption, CorruptCheckpoint
from evidence_bench.models.files import expanded
from evidence_bench.models.specs import Spec
from evidence_bench.models.vaes.card import declared_facts, read_card
from evidence_bench.models.vaes.checkpoint_names import OPTION, file_name, path_and_options, shipped_name

if TYPE_CHECKING:
    from evidence_bench.models.base import Model


@dataclass(frozen=True)
class Entry:
    """One line of the catalogue: a name, a dataclass (itself or as "module:Class"), a few words."""

    name: str
    kind: str | Callable[..., Any]
    about: str
    preset: tuple[tuple[str, str], ...] = ()  # options that the name stands for


TRAINED = "models.vaes.trained:TrainedVAE"
DIGITS = "models.vaes.digits:DigitsVAE"


def _zoo(name: str, about: str, kind: str = TRAINED) -> Entry:
    """A shipped checkpoint, under its own name."""
    return Entry(name, kind, about, ((OPTION, name),))


MODELS: tuple[Entry, ...] = (
    Entry("lognormal", "models.oracles.weight_laws:LognormalLaw", "log w ~ N(-s2/2, s2)"),
    Entry("gamma", "models.oracles.weight_laws:GammaLaw", "w ~ Gamma(a, 1)"),
    Entry("two-point", "models.oracles.weight_laws:TwoPointLaw", "w = ratio with probability p, else 1"),
    Entry(
        "linear-gaussian",
        "models.oracles.linear_gaussian:LinearGaussian",
        "z ~ N(0, I), x ~ N(Wz + b, s^2 I), proposal made wrong by shift, scale and diagonal",
    ),
    Entry(
        "gaussian-20d",
        "models.oracles.gaussian_20d:Gaussian20D",
        "z ~ N(theta, I), x ~ N(z, I) in 20 dimensions, q a third too wide in variance",
    ),
    Entry("mixture", "models.oracles.mixture:FiniteMixture", "component index of a Gaussian mixture"),
    Entry(
        "bernoulli-latents",
        "models.oracles.bernoulli_latents:BernoulliLatents",
        "up to 12 binary latents, exact by enumeration",
    ),
    Entry("digits-vae", DIGITS, "VAE with a 2-D latent, trained on 8x8 digits by IWAE with k = 4"),
    _zoo("digits-elbo", "the same, trained by the ELBO", DIGITS),
    _zoo("digits-iwae-kl", "the same, trained by IWAE less a second KL term: a mistake", DIGITS),
    _zoo("digits-prior", "the same decoder, trained by draws from the prior, without an encoder", DIGITS),
    _zoo("mnist-elbo-1l", "MNIST, one layer of 50 latents, trained by the ELBO"),
    _zoo("mnist-iwae5-1l", "MNIST, one layer of 50 latents, trained by IWAE with k = 5"),
    _zoo("mnist-iwae50-1l", "MNIST, one layer of 50 latents, trained by IWAE with k = 50"),
    _zoo("mnist-jvi1-1l", "MNIST, mnist-iwae50-1l trained on by the jackknife of order 1 with k = 50"),
    _zoo("mnist-elbo-2l", "MNIST, two layers of 100 and 50 latents, trained by the ELBO"),
    _zoo("mnist-iwae50-2l", "MNIST, mnist-elbo-2l trained on by IWAE with k = 50"),
    _zoo("mnist-elbo-then-iwae50-1l", "MNIST, mnist-elbo-1l trained on by IWAE with k = 50"),
    _zoo("mnist-iwae50-then-elbo-1l", "MNIST, mnist-iwae50-1l trained on by the ELBO"),
    _zoo("omniglot28-iwae5-1l", "OMNIGLOT, one layer of 50 latents, trained by IWAE with k = 5"),
    Entry("untrained-vae", "models.vaes.untrained:UntrainedVAE", "784-pixel VAE, random weights: for speed"),
)


def catalogue() -> dict[str, Entry]:
    """The built-in models by name; a copy, to which a plug-in's are added."""
    return {entry.name: entry for entry in MODELS}


@dataclass(frozen=True)
class Built:
    """A model, the one name that it has, and what its noise is keyed by."""

    name: str
    model: Model
    key: str


def build_model(text: str, known: Mapping[str, Entry] | None = None) -> tuple[str, Model]:
    """The canonical name and the model of ``name``, or of the path of a .safetensors file; with options.

    Raises UnknownName and BadOption with near matches.
    """
    built = build(text, known)
    return built.name, built.model


def build(text: str, known: Mapping[str, Entry] | None = None) -> Built:
    """The model as ``build_model`` has it. A checkpoint of one's own is named and keyed by its content."""
    known = catalogue() if known is None else known
    spec, entry = _find(text, known)
    kind = specs.load(entry.kind)
    taken = [key for key, _ in spec.options if key in dict(entry.preset)]
    if taken:
        raise BadOption(f"'{spec.name}' is the name of one {taken[0]}; leave out the option '{taken[0]}'.")
    model = specs.build(kind, {**dict(entry.preset), **dict(spec.options)}, text)
    name = specs.canonical(spec, kind)
    options = {**dict(entry.preset), **dict(name.options)}
    sha256 = declared_facts(model).get("checkpoint_sha256")
    if sha256 is None or (spec.name in known and options.get(OPTION, spec.name) == spec.name):
        return Built(str(name), model, str(name))
    others = tuple((key, value) for key, value in name.options if key != OPTION)
    key = str(Spec(f"{OPTION} {sha256}", others))
    if entry.kind not in (TRAINED, DIGITS):  # a plug-in's class makes something else of it
        return Built(str(name), model, f"{spec.name} {key}")
    shipped = _shipped(shipped_name(str(sha256)), entry.kind, known)
    if shipped:
        return Built(str(Spec(shipped, others)), model, str(Spec(shipped, others)))
    return Built(str(Spec(file_name(str(options[OPTION])), others)), model, key)


def _find(text: str, known: Mapping[str, Entry]) -> tuple[Spec, Entry]:
    """The name with its options, and its entry; that of a path is made up."""
    named = path_and_options(text)
    if named and named.path not in known:
        options = specs.parse_spec(OPTION + named.options).options
        return Spec(named.path, options), Entry(text, _kind_of(named.path), "", ((OPTION, named.path),))
    spec = specs.parse_spec(text)
    if spec.name not in known:
        raise specs.unknown("model", spec.name, known)
    return spec, known[spec.name]


def _shipped(checkpoint: str | None, kind: Any, known: Mapping[str, Entry]) -> str | None:
    """The entry that a shipped checkpoint has as a model of that kind."""
    default = {entry.name for entry in known.values() if entry.name == checkpoint and not entry.preset}
    names = [e.name for e in known.values() if e.preset == ((OPTION, checkpoint),) or e.name in default]
    return next((name for name in names if known[name].kind == kind), None)


def _kind_of(path: str) -> str:
    """The class of a checkpoint by its card: those with a 2-D latent have an exact evidence."""
    try:
        card = read_card(expanded(path).with_suffix(".json"))
    except CorruptCheckpoint:  # which is said when it is built
        return TRAINED
    return DIGITS if "least_tail" in card.get("architecture", {}) else TRAINED
