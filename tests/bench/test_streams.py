"""Output that cannot be shown, read or kept changes neither what is measured nor the exit status."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from evidence_bench.benchmarks.command.progress import Reporter
from evidence_bench.benchmarks.command.running import DONE, FAILED, run_command
from evidence_bench.benchmarks.command.streams import plain
from evidence_bench.benchmarks.command.terminal import console
from evidence_bench.benchmarks.run import main
from evidence_bench.benchmarks.study.settings import Cell
from tests.bench.conftest import SMALL
from tests.bench.reading import status_of
from tests.bench.test_cli import ROOT
from tests.training.tiny import QUICK, trained

HOSTILE = "jvi[order=2] [/red] [b] :bug: ± ² 模型"


class Terminal(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self):
        return True


def encoded(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, write_through=True)


def text_of(stream):
    return stream.buffer.getvalue().decode(stream.encoding)


@pytest.mark.parametrize("encoding", ["ascii", "gbk"])
def test_what_the_encoding_lacks_is_replaced_and_the_run_goes_on(bench, monkeypatch, encoding):
    out, err = encoded(encoding), encoded(encoding)
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    name = "模" if encoding == "gbk" else "by\udcffte"  # the second is no text in any encoding
    status, folder = bench("--estimators", "iwae,jvi[order=2]", "--samples", "4", folder=name)
    assert status == DONE
    assert (folder / "report.html").exists()
    assert f"Report: {plain(str(folder), encoding)}" in text_of(out)
    assert plain("±", encoding) in text_of(out)


def test_plain_text_keeps_what_the_encoding_has():
    assert plain("a ± b²", "utf-8") == "a ± b²"
    assert plain("a ± b² 模", "ascii") == "a +- b^2 ?"
    assert plain("a ± b²", "gbk") == "a ± b^2"
    assert plain("\udcff", "utf-8") == "?"


def test_names_and_reasons_are_shown_on_a_terminal_as_they_are(monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "200")
    with Reporter(3) as reporter:
        reporter.cell(Cell("[b]m", HOSTILE, 2), "failed: [/x] " + HOSTILE)
        reporter.cell(Cell("[b]m", "jvi[order=2]", 2), "measured")
    shown = terminal.getvalue()
    assert "measured   [b]m  jvi[order=2]  K=2" in shown
    assert f"[b]m  {HOSTILE}  K=2: failed: [/x] {HOSTILE}" in shown


def test_text_on_a_console_is_never_read_as_markup(capsys):
    console(200).print(HOSTILE)
    assert capsys.readouterr().out == HOSTILE + "\n"


def test_output_that_a_full_disk_swallows_is_told_and_fails(monkeypatch, capsys):
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full here")
    for work, expected in ((lambda: print("x" * 9000) or DONE, FAILED), (lambda: print("x") or 5, 5)):
        with open("/dev/full", "w", encoding="utf-8") as full, monkeypatch.context() as patch:
            patch.setattr(sys, "stdout", full)
            patch.setattr(sys, "__stdout__", full)
            assert run_command("me", work) == expected
    told = "me: what it prints could not be written (No space left on device).\n"
    assert capsys.readouterr().err == 2 * told


def test_a_list_that_is_read_by_its_first_line_ends_well():
    run = [sys.executable, "-u", "-m", "benchmarks.run", "--list"]
    with subprocess.Popen(run, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")


def test_a_run_goes_on_where_nobody_reads_it(tmp_path):
    """stderr is a pipe whose reader has gone, stdout was closed before the start."""
    run = [sys.executable, "-m", "benchmarks.run", *SMALL, "--estimators", "iwae"]
    script = 'exec 3>&2; "$@" 2>&1 >&- 3>&- | true; exit ${PIPESTATUS[0]}'
    words = ["bash", "-c", script, "-", *run, "--output", str(tmp_path / "r")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert (tmp_path / "r" / "report.html").exists()


@pytest.mark.parametrize("name", ["cells", "report.html"])
def test_a_run_on_a_full_disk_ends_in_a_sentence_and_is_gone_on_with(bench, capsys, name):
    with full_disk(name):
        status, folder = bench("--estimators", "elbo", "--samples", "8")
    said = capsys.readouterr()
    assert status == FAILED
    assert "Traceback" not in said.out + said.err
    assert said.err.rstrip().splitlines()[-1].startswith("evidence-bench: '")
    assert "cannot be written (No space left on device); free some space. Finished cells" in said.err
    assert not list(folder.rglob("*.part"))
    assert status_of(folder)["total"] == 1
    assert bench("--resume", small=False)[0] == DONE


def test_a_training_on_a_full_disk_keeps_its_state_and_leaves_no_part(tmp_path, capsys):
    with full_disk(".safetensors", but="state"):
        assert trained(tmp_path, "--passes", "1", *QUICK) == FAILED
    said = capsys.readouterr().err.rstrip().splitlines()[-1]
    assert said.startswith("models.train: '")
    assert said.endswith("free some space. The last state is kept; go on with --resume.")
    assert {path.name for path in tmp_path.iterdir()} == {"state.safetensors", "curve.csv", "curve.png"}
    assert trained(tmp_path, "--resume", *QUICK[2:]) == DONE


@contextlib.contextmanager
def full_disk(name, but="nothing"):
    """No file whose path has that name in it finds space."""
    original = Path.replace

    def replace(self, target):
        if name in str(target) and but not in str(target):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return original(self, target)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        yield


def test_an_interrupt_and_a_refusal_are_one_sentence_each(capsys):
    def stopped():
        raise KeyboardInterrupt

    assert run_command("me", stopped, interrupted="stopped.") == 130
    assert main(["--output", "~nobody-of-that-name/x"]) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first == "me: stopped."
    assert second.startswith("evidence-bench: '~nobody-of-that-name/x': ")
