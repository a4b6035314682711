"""A run that cannot fit is refused in a sentence before anything is simulated or drawn."""

import subprocess
import sys

import pytest

from evidence_bench.benchmarks.command.running import run_command
from evidence_bench.benchmarks.study import room
from tests.bench.reading import status_of
from tests.bench.test_cli import ROOT

HUGE = 10**12


@pytest.mark.parametrize(
    ("option", "says", "remedy"),
    [
        ("--points", "1,000,000,000,000 points x 4 replicates need about ", "lower --points or --replicates"),
        (
            "--replicates",
            "3 points x 1,000,000,000,000 replicates need about ",
            "lower --points or --replicates",
        ),
        ("--samples", "One replicate with K = 1,000,000,000,000 needs about 24,000 GB ", "lower --samples"),
    ],
)
def test_what_no_machine_holds_is_refused_at_once(tmp_path, option, says, remedy):
    """In a process that may have 6 GB, should the refusal be missing."""
    run = (
        f"ulimit -v 6000000; exec {sys.executable} -m benchmarks.run --models lognormal --estimators iwae "
        f"--points 3 --replicates 4 --samples 4 {option} {HUGE} --output {tmp_path / 'run'}"
    )
    done = subprocess.run(
        ["bash", "-c", run], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    (sentence,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert sentence.startswith(f"evidence-bench: {says}")
    assert " GB are free; " in sentence or " MB are free; " in sentence
    assert remedy in sentence
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("arguments", [(), ("--models", "digits-vae")])
def test_room_is_compared_with_what_is_free(bench, capsys, monkeypatch, arguments):
    """3 points, 4 replicates, 2 K: some kB fit into 100 kB; where 100 bytes are free they do not."""
    monkeypatch.setattr(room, "free_bytes", lambda: 100_000)
    assert bench("--estimators", "iwae", *arguments)[0] == 0
    monkeypatch.setattr(room, "free_bytes", lambda: 100)
    assert bench("--estimators", "iwae", *arguments, folder="other")[0] == 2
    said = capsys.readouterr().err
    assert "3 points x 4 replicates need about " in said
    assert " kB and 0.1 kB are free; " in said


def test_where_it_is_not_known_what_is_free_nothing_is_refused(bench, monkeypatch):
    monkeypatch.setattr(room, "free_bytes", lambda: None)
    assert bench("--estimators", "iwae")[0] == 0


def test_what_is_free_is_part_of_the_machine():
    total = room.Path("/proc/meminfo").read_text().split()[1]
    assert 0 < room.free_bytes() <= 1024 * int(total)


def refuse(*_arguments, **_options):
    raise MemoryError


def test_a_cell_that_finds_no_memory_says_what_to_lower(bench, monkeypatch):
    monkeypatch.setattr("evidence_bench.benchmarks.measuring.measurement.Gathered.add", refuse)
    status, folder = bench("--estimators", "iwae")
    (reason,) = {cell["reason"] for cell in status_of(folder)["failed"]}
    assert status == 1
    assert reason.startswith("the memory ran out (test_room.py, line ")
    assert reason.endswith("); lower --points, --replicates or --samples.")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:119] DefaultCPUAllocator: can't allocate memory: you tried"
        ),
        RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB."),
    ],
)
def test_a_command_that_finds_no_memory_says_what_to_do(capsys, error):
    def work():
        raise error

    assert run_command("it", work, smaller="lower --this") == 1
    assert capsys.readouterr().err == "it: the memory ran out; lower --this.\n"


def test_another_error_of_the_program_is_no_lack_of_memory():
    def work():
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        run_command("it", work)


def test_a_training_that_finds_no_memory_says_what_to_lower(capsys, monkeypatch, tmp_path):
    from evidence_bench.models import train

    monkeypatch.setattr("evidence_bench.models.training.job.run", refuse)
    assert train.main(["--passes", "1", "--out", str(tmp_path)]) == 1
    assert (
        capsys.readouterr().err == "models.train: the memory ran out; lower --k, --batch or --test-samples.\n"
    )
