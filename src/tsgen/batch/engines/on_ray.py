"""Partitions on a Ray cluster."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tsgen.training import connected_ray

from ..partitions import Partition
from ..work import Done, PartitionWork
from .base import TRIES, worker_lost

__all__ = ["on_ray"]


class _Worker:
    """One actor of the cluster; the model is loaded with its first partition, and stays."""

    def __init__(self, work: PartitionWork) -> None:
        self.work = work

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        rows = zip(batch["number"], batch["path"], batch["rows"], strict=True)
        done = [self.work(Partition(int(n), Path(p), int(r))) for n, p, r in rows]
        return {"done": np.array([one.to_json() for one in done])}


def on_ray(work: PartitionWork, partitions: Sequence[Partition], jobs: int) -> Iterator[Done]:
    """See `Engine`; the cluster is the one of `RAY_ADDRESS`, or of this machine's own.

    Raises:
        DataError: Nothing answers at `RAY_ADDRESS` within ten seconds, or a partition's worker was
            lost time after time.
    """
    ray = connected_ray()
    rows = [{"number": p.number, "path": str(p.path), "rows": p.rows} for p in partitions]
    dataset = ray.data.from_items(rows, override_num_blocks=len(rows)).map_batches(
        _Worker,
        fn_constructor_args=(work,),
        batch_size=1,
        concurrency=min(jobs, len(rows)),
        ray_remote_args_fn=lambda: {"max_task_retries": TRIES - 1},
    )
    lost = ray.exceptions.ActorUnavailableError, ray.exceptions.RayActorError
    try:
        for row in dataset.iter_rows():
            yield Done.from_json(str(row["done"]))
    except lost as error:
        raise worker_lost("Ray") from error
