"""What every command shares: its exit status, its sentences, its streams, and paths as they are typed.

Exit status: 0 done, 1 something failed on the way, 2 the request makes no sense, 130 interrupted, 143
ended by SIGTERM.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from evidence_bench.benchmarks.command.streams import Stream, safe_streams, what_was_lost

DONE, FAILED, REFUSED, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143


class Terminated(KeyboardInterrupt):
    """SIGTERM, as a batch system or ``kill`` sends it: what ends well by Ctrl-C does so by this."""


def run_command(
    name: str,
    work: Callable[[], int],
    *,
    interrupted: str = "interrupted.",
    smaller: str = "ask for less at once",
) -> int:
    """The exit status of ``work()``; what goes wrong is one sentence on stderr that begins with ``name``.

    ``interrupted`` answers Ctrl-C and SIGTERM, ``smaller`` says what to do where there is no memory.
    No write to standard output or error can fail.
    """
    with safe_streams() as (out, _), _sigterm_interrupts():
        try:
            status = _status(name, work, interrupted, smaller)
        except SystemExit as end:  # argparse has printed its help, or what is wrong with the arguments
            raise SystemExit(_printed(name, out, int(end.code or DONE))) from None
        return _printed(name, out, status)


def status_of(error: KeyboardInterrupt) -> int:
    """The exit status of what was interrupted."""
    return TERMINATED if isinstance(error, Terminated) else INTERRUPTED


@contextlib.contextmanager
def _sigterm_interrupts() -> Iterator[None]:
    """Inside, SIGTERM raises Terminated, where it would have ended the process without a word."""
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _terminate(number: int, frame: object) -> None:
    raise Terminated


def say(name: str, sentence: object) -> None:
    """A sentence on stderr."""
    print(f"{name}: {sentence}", file=sys.stderr, flush=True)


def _printed(name: str, out: Stream, status: int) -> int:
    """The status; FAILED where all went well but for the printing, which a full disk may have stopped."""
    out.flush()
    lost = what_was_lost(out)
    if lost is None:
        return status
    say(name, f"what it prints could not be written ({lost}).")
    return status or FAILED


def typed_path(text: str) -> Path:
    """For argparse's ``type``: the path, with ``~`` as a shell has it."""
    from evidence_bench.models.files import expanded

    return expanded(text)


def _status(name: str, work: Callable[[], int], interrupted: str, smaller: str) -> int:
    from evidence_bench.models.errors import NO_MEMORY, BenchError, out_of_memory
    from evidence_bench.models.files import CannotWrite

    try:
        return work()
    except BenchError as error:
        say(name, error)
        return FAILED if isinstance(error, CannotWrite) and error.full else REFUSED
    except KeyboardInterrupt as error:
        say(name, interrupted)
        return status_of(error)
    except Exception as error:
        if not out_of_memory(error):
            raise
        say(name, f"{NO_MEMORY}; {smaller}.")
        return FAILED
