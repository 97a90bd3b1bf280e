"""Independent work side by side: arithmetic of numpy, scipy and LightGBM leaves the interpreter free for others."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def side_by_side(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """What ``work`` returns for each item, in their order; as many at a time as this process may use processors.

    One thread for each piece of work, and none within it, for threads that wait for one another are slowed by whatever
    else the machine does. Items are taken as work proceeds, one more than is at work, so results do not pile up. The
    first error is raised once all work that has begun is done.
    """
    processors = len(os.sched_getaffinity(0))
    begun: deque[Future[R]] = deque()
    with ThreadPoolExecutor(processors) as pool:
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) > processors:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
