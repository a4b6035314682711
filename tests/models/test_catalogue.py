"""The catalogue of models: names, options, sentences, and no torch until one is built."""

from __future__ import annotations

import subprocess
import sys

import pytest

from evidence_bench.models.catalogue import Entry, build_model, catalogue
from evidence_bench.models.errors import BadOption, UnknownName
from evidence_bench.models.oracles.weight_laws import GammaLaw

BAD = {
    "lognormal[s2=0]": "above 0",
    "lognormal[s2=1000]": "at most 100",
    "gamma[a=-1]": "above 0",
    "gamma[b=1]": "It takes: a",
    "two-point[p=1]": "between 0 and 1",
    "two-point[ratio=inf]": "finite",
    "linear-gaussian[latents=0]": "above 0",
    "linear-gaussian[latents=2.5]": "a whole number",
    "linear-gaussian[shift=nan]": "finite",
    "linear-gaussian[seed=-1]": "not be negative",
    "linear-gaussian[scales=1]": "did you mean 'scale'",
    "gaussian-20d[seed=-1]": "not be negative",
    "mixture[temper=0]": "above 0",
    "mixture[seed=-1]": "not be negative",
    "bernoulli-latents[latents=13]": "at most 12",
    "bernoulli-latents[seed=-1]": "not be negative",
}


def test_importing_it_does_not_import_torch():
    code = "import sys, models.catalogue as c; c.catalogue(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", catalogue())
def test_every_name_is_built(name):
    built, model = build_model(name)
    assert built == name
    assert callable(model.log_joint)
    assert catalogue()[name].about


def test_names_are_canonical():
    name, model = build_model("linear-gaussian:shift=0.5:diagonal=False")
    assert name == "linear-gaussian[diagonal=false,shift=0.5]"
    assert (model.shift, model.diagonal) == (0.5, False)


@pytest.mark.parametrize(("text", "sentence"), BAD.items())
def test_bad_options_are_sentences(text, sentence):
    with pytest.raises(BadOption, match=sentence):
        build_model(text)


def test_an_unknown_name_is_told_its_neighbours():
    with pytest.raises(UnknownName, match="did you mean 'lognormal'"):
        build_model("log-normal")


def test_a_plug_in_is_built_like_a_built_in():
    known = {**catalogue(), "mine": Entry("mine", GammaLaw, "w ~ Gamma")}
    assert build_model("mine[a=2]", known) == ("mine[a=2]", GammaLaw(2.0))
    assert "mine" not in catalogue()
