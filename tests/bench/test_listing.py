"""``--list``: every option with its default and its meaning, without importing what it describes."""

import dataclasses
import subprocess
import sys

import pytest

from evidence_bench.benchmarks.run import main
from evidence_bench.benchmarks.study.listing import print_list
from evidence_bench.estimators.catalogue import ESTIMATORS
from evidence_bench.models.catalogue import MODELS
from evidence_bench.models.option_text import Option, options_of
from evidence_bench.models.specs import load

KINDS = sorted({half for e in ESTIMATORS for half in (e.sampler, e.reducer)} | {m.kind for m in MODELS})


@pytest.mark.parametrize("kind", KINDS)
def test_the_source_says_what_the_dataclass_has_and_every_option_has_a_meaning(kind):
    fields = dataclasses.fields(load(kind))
    options = options_of(kind)
    assert [option.name for option in options] == [field.name for field in fields if field.init]
    assert all(option.meaning for option in options), options
    for option, field in zip(options, fields, strict=True):
        default = "" if field.default is dataclasses.MISSING else str(field.default)
        assert option.default == (default.lower() if field.type == "bool" else default)


def test_a_plug_in_is_described_like_the_built_in(tmp_path, monkeypatch, capsys):
    (tmp_path / "mine.py").write_text(
        "from dataclasses import dataclass\n"
        "import torch\n\n\n"
        "@dataclass(frozen=True)\n"
        "class Plus:\n"
        "    shift: float = 2.5  # what is added\n\n"
        "    def __call__(self, log_w):\n"
        "        return torch.logsumexp(log_w, -1) + self.shift\n\n\n"
        "def register(bench):\n"
        "    bench.add_estimator('plus', reducer=Plus(shift=3.0), about='IWAE and more')\n"
    )
    monkeypatch.chdir(tmp_path)
    assert main(["--plugin", "mine.py", "--list", "plus"]) == 0
    said = capsys.readouterr().out
    assert "IWAE and more" in said
    assert "lognormal" not in said


def test_what_has_no_source_has_its_fields():
    made = dataclasses.make_dataclass("Made", [("a", int, 3), ("b", str)][::-1])
    assert options_of(made) == (Option("b", "", ""), Option("a", "3", ""))
    assert options_of(print) == ()


def test_a_study_asked_for_by_name_says_what_it_measures(capsys):
    print_list(only="quick")
    said = capsys.readouterr().out
    assert "--replicates            50" in said
    assert "--estimators            elbo, iwae, jvi, adaptive" in said
    assert max(map(len, said.splitlines())) <= 100


def test_a_name_that_is_none_gets_near_matches(capsys):
    assert main(["--list", "adaptve"]) == 2
    assert "did you mean 'adaptive'?" in capsys.readouterr().err


def test_listing_leaves_torch_out():
    code = "import sys; from evidence_bench.benchmarks.study.listing import print_list as p; p(); "
    code += "sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert "inflation=1.2" in done.stdout
