"""``python -m tests.mutants [WORD ...]``: plant each mutant, run its tests, say which survive.

With words, only the mutants whose path or text holds one of them. Exit status: 0 where every mutant is killed
(and every one declared equivalent survives), 1 where one is not, 2 where the tests fail without a
mutant, or no mutant has such a word.
"""

from __future__ import annotations

import queue
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.mutants.mutant import Mutant
from tests.mutants.planted import MUTANTS
from tests.mutants.workshop import Fate, Workshop

SIDE_BY_SIDE = 2


def main(words: Sequence[str]) -> int:
    """Run the chosen mutants; returns the exit status."""
    chosen = [mutant for mutant in MUTANTS if not words or any(word in _searched(mutant) for word in words)]
    if not chosen:
        print(f"No mutant's path or text holds {' or '.join(words)}; give part of a path.", file=sys.stderr)
        return 2
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        workshops: queue.SimpleQueue[Workshop] = queue.SimpleQueue()
        for i in range(SIDE_BY_SIDE):
            workshops.put(Workshop.copied_to(Path(scratch) / str(i)))
        if not _healthy(workshops, chosen):
            return 2
        unexpected = _run(workshops, chosen)
    print(
        f"{len(chosen)} mutants, {len(unexpected)} not as they should be, {time.monotonic() - start:.0f} s: "
        f"{sum(not mutant.equivalent for mutant in chosen)} should be killed, "
        f"{sum(bool(mutant.equivalent) for mutant in chosen)} are equivalent."
    )
    return 1 if unexpected else 0


def _searched(mutant: Mutant) -> str:
    return f"{mutant.path} {mutant.old}"


def _healthy(workshops: queue.SimpleQueue[Workshop], chosen: Sequence[Mutant]) -> bool:
    """Whether the tests pass without a mistake; else none of them could tell anything."""
    tests = sorted({test for mutant in chosen for test in mutant.tests})
    workshop = workshops.get()
    status, said = workshop.tested(tuple(tests))
    workshops.put(workshop)
    if status:
        print(f"The tests fail without any mutant; mend them first.\n{said}", file=sys.stderr)
    return not status


def _run(workshops: queue.SimpleQueue[Workshop], chosen: Sequence[Mutant]) -> list[Mutant]:
    """The mutants that did not end as they should."""
    unexpected = []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        running = {pool.submit(_fate, workshops, mutant): mutant for mutant in chosen}
        for number, done in enumerate(as_completed(running), start=1):
            mutant, (fate, said) = running[done], done.result()
            wanted = {Fate.SURVIVED} if mutant.equivalent else {Fate.KILLED, Fate.ENDLESS}
            print(f"[{number}/{len(chosen)}] {fate}: {mutant}", flush=True)
            if fate not in wanted:
                unexpected.append(mutant)
                print(said, flush=True)
    return unexpected


def _fate(workshops: queue.SimpleQueue[Workshop], mutant: Mutant) -> tuple[Fate, str]:
    workshop = workshops.get()
    try:
        return workshop.fate_of(mutant)
    finally:
        workshops.put(workshop)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
