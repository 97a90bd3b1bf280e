"""Independent work side by side: arithmetic of numpy, scipy and LightGBM leaves the interpreter free for others."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], items: Iterable[T]) -> list[R]:
    """What ``work`` returns for each item, in their order; as many at a time as this process may use processors.

    One thread for each piece of work, and none within it, for threads that wait for one another are slowed by whatever
    else the machine does. The first error is raised once all work that has begun is done.
    """
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        return list(pool.map(work, items))
