"""Damaged inputs and command lines, through every reader and verb: never a traceback or a hang."""

import json
import logging
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reliability.fuzz import CORPUS, FAULTS
from reliability.fuzz_cases import Case, draw_case
from reliability.fuzz_verdicts import Bench

SETTINGS = {"suppress_health_check": list(HealthCheck), "database": None}
SEEDS = st.integers(0, 2**32 - 1)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    logging.disable(logging.CRITICAL)
    yield Bench(tmp_path_factory.mktemp("fuzz"))
    logging.disable(logging.NOTSET)


def check(bench, case):
    verdict, told = bench(case)
    assert verdict not in FAULTS, f"{verdict}: {case.to_json()}: {told}"


@pytest.mark.parametrize("path", sorted(CORPUS.glob("*.json")), ids=lambda path: path.stem)
def test_the_corpus_ends_in_a_result_or_a_sentence(bench, path):
    check(bench, Case.from_json(json.loads(path.read_text(encoding="utf-8"))))


@settings(max_examples=200, derandomize=True, **SETTINGS)
@given(seed=SEEDS)
def test_two_hundred_inputs_end_in_a_result_or_a_sentence(bench, seed):
    check(bench, draw_case(Random(seed)))


@pytest.mark.slow
@settings(max_examples=2000, **SETTINGS)
@given(seed=SEEDS)
def test_two_thousand_inputs_do(bench, seed):
    check(bench, draw_case(Random(seed)))


def test_the_bench_sees_a_traceback_an_unclear_sentence_and_a_hang(bench, monkeypatch):
    from reliability import fuzz_verdicts
    from tsgen.errors import DataError

    def fail(error):
        def reader(path, **options):
            raise error

        return reader

    monkeypatch.setattr(fuzz_verdicts, "read_series", fail(KeyError("x")))
    assert bench(Case(("read series", "load.csv")))[0] == "traceback"
    monkeypatch.setattr(fuzz_verdicts, "read_series", fail(DataError("It is a <class 'int'>")))
    assert bench(Case(("read series", "load.csv")))[0] == "unclear"
    monkeypatch.setattr(fuzz_verdicts, "read_series", fail(fuzz_verdicts.Hang()))
    assert bench(Case(("read series", "load.csv")))[0] == "hang"


def test_whole_inputs_are_accepted(bench):
    from reliability.fuzz_cases import READS

    for call, places in READS.items():
        for place in places:
            assert bench(Case((call, place))) == ("accepted", "")
