"""Partitions on processes."""

import dataclasses
import multiprocessing
import os
import time

import pytest

from tsgen.batch import RecommendBatch, ScoreBatch, run_batch
from tsgen.batch.engines import local
from tsgen.errors import DataError
from tsgen.memory import available_memory, memory_limit


def test_processes_give_the_bytes_of_one(shop, written):
    folder, _, _ = shop
    for jobs in (1, 2):
        run_batch(folder / "model", ScoreBatch(items=(100, 104)), folder / "log.parquet",
                  written(f"{jobs}.parquet"), jobs=jobs, partitions=3)  # fmt: skip
    assert written("1.parquet").read_bytes() == written("2.parquet").read_bytes()


def test_workers_share_the_memory_that_was_asked_for(monkeypatch):
    asked = {}

    class Pool:
        def __init__(self, workers, **options):
            asked.update(options, workers=workers)
            raise ZeroDivisionError

    monkeypatch.setattr(local, "ProcessPoolExecutor", Pool)
    for size, share in (("3MB", 1 << 20), (None, None)):
        with memory_limit(size), pytest.raises(ZeroDivisionError):
            list(local.on_processes(None, [None] * 9, 3))
        assert asked["initargs"] == (share,)
    with memory_limit(None):
        asked["initializer"](1 << 20)
        assert available_memory() == (1 << 20, "the limit asked for")


@dataclasses.dataclass(frozen=True)
class _Deadly(RecommendBatch):
    def apply(self, model, table, end):
        os._exit(9)


@pytest.mark.slow
def test_a_killed_worker_is_said(shop, written):
    folder, _, _ = shop
    source = folder / "log.parquet"
    with pytest.raises(DataError, match="A worker was killed"):
        run_batch(folder / "model", _Deadly(size=2), source, written(), jobs=2, partitions=2)
    assert not written().exists()


def _die_early(pipe):
    """Start a child that would wait for ever, and die without a word to it."""
    multiprocessing.get_context("spawn").Process(target=_wait_for_ever, args=(pipe,)).start()
    os._exit(9)


def _wait_for_ever(pipe):
    pipe.send("here")
    local._end_with_parent()
    time.sleep(600)


@pytest.mark.slow
def test_a_worker_ends_with_the_process_that_started_it():
    here, there = multiprocessing.Pipe()
    starter = multiprocessing.get_context("spawn").Process(target=_die_early, args=(there,))
    starter.start()
    there.close()
    starter.join()
    assert here.recv() == "here"
    assert here.poll(120)
    with pytest.raises(EOFError):  # nobody holds the other end any more
        here.recv()
