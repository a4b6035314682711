"""SIGTERM, as a batch system sends it, ends a run as Ctrl-C does."""

import signal
import subprocess
import sys

from evidence_bench.benchmarks.command.running import run_command
from tests.bench.reading import results, status_of
from tests.bench.test_cli import ROOT

ENDED = """
import os, signal
calls = []

def ending(log_w):  # at the first model nothing, at the second the end
    calls.append(log_w)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGTERM)
    return log_w.logsumexp(-1)

def register(bench):
    bench.add_estimator("ending", reducer=ending)
"""


def test_what_is_finished_is_kept_and_the_run_says_how_to_go_on(tmp_path):
    (tmp_path / "mine.py").write_text(ENDED)
    folder = tmp_path / "run"
    run = [sys.executable, "-m", "benchmarks.run", "--plugin", tmp_path / "mine.py", "--estimators", "ending"]
    small = [
        "--models",
        "lognormal,gamma",
        "--samples",
        "2",
        "--replicates",
        "3",
        "--points",
        "2",
        "--no-check",
    ]
    done = subprocess.run(
        [*run, *small, "--output", folder], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 143
    assert f"Interrupted; finished cells kept: 1. Continue with: --resume --output {folder}" in done.stdout
    assert "Traceback" not in done.stderr
    assert status_of(folder)["interrupted"]
    assert set(results(folder)["model"]) == {"lognormal"}
    assert (folder / "report.html").exists()


def test_any_command_answers_it_with_its_sentence_and_leaves_the_handler_as_it_was(capsys):
    def work():
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL  # or this test would end the tests
        signal.raise_signal(signal.SIGTERM)

    assert run_command("it", work, interrupted="stopped.") == 143
    assert capsys.readouterr().err == "it: stopped.\n"
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_handler_that_is_there_stays():
    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
    try:
        assert run_command("it", lambda: signal.raise_signal(signal.SIGTERM) or 0) == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [1]
