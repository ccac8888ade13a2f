"""Partitions on processes."""

import dataclasses
import multiprocessing
import os
import time

import pytest

from tsgen.batch import RecommendBatch, ScoreBatch, run_batch
from tsgen.batch.engines import local
from tsgen.errors import DataError


def test_processes_give_the_bytes_of_one(shop, written):
    folder, _, _ = shop
    for jobs in (1, 2):
        run_batch(folder / "model", ScoreBatch(items=(100, 104)), folder / "log.parquet",
                  written(f"{jobs}.parquet"), jobs=jobs, partitions=3)  # fmt: skip
    assert written("1.parquet").read_bytes() == written("2.parquet").read_bytes()


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
