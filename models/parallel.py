"""Work for all the cores that torch may use, where torch itself would use one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import torch

T = TypeVar("T")


def for_each(work: Callable[[T], object], items: Iterable[T]) -> None:
    """work(item) for every item, on torch.get_num_threads() threads; what it does may not depend on order.

    Each thread runs torch on one core. An error in any of them is raised here.
    """
    todo, threads = list(items), torch.get_num_threads()
    if len(todo) < 2 or threads < 2:
        for item in todo:
            work(item)
        return
    inference = torch.is_inference_mode_enabled()  # a thread's own, like the number of threads

    def one(item: T) -> None:
        with torch.inference_mode(inference):
            work(item)

    for _ in _pool(threads, os.getpid()).map(one, todo):
        pass


@cache
def _pool(threads: int, _process: int) -> ThreadPoolExecutor:
    """Kept while the process lives; a process that was forked from this one makes its own."""
    ready = threading.Barrier(threads + 1)

    def start() -> None:
        # A thread takes the process's number when it first asks, whatever was set before: ask first.
        torch.get_num_threads()
        torch.set_num_threads(1)
        ready.wait()

    pool = ThreadPoolExecutor(threads, thread_name_prefix="noise", initializer=start)
    for _ in range(threads):
        pool.submit(int)
    ready.wait()
    # A thread's own setting is also what later threads of the process would start with; put that back.
    torch.set_num_threads(threads)
    return pool
