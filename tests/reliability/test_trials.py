"""What is hostile or gives out ends in a result or a sentence: a few of each trial, see `trial`."""

import logging
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from reliability.fuzz_cases import VERBS
from reliability.trial import FAULTS, TRIALS
from reliability.trials import tables
from reliability.trials.folders import CHANGES, FolderBench, Forgery, try_folder
from reliability.trials.lines import HOSTILE, KIND_OF, HostileBench, hostile_lines, try_line, verbs
from reliability.trials.tables import hostile_tables, try_table


@pytest.fixture(scope="module", autouse=True)
def quiet():
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return HostileBench(tmp_path_factory.mktemp("lines"))


def test_options_of_every_verb_have_hostile_values():
    assert set(KIND_OF.values()) | {"unknown"} == set(HOSTILE)
    tried = {word for line in hostile_lines() for word in line if word.startswith("--")}
    begun = {words[0] for words in VERBS}
    named = {
        parameter.opts[0]
        for path, parameters in verbs()
        for parameter in parameters
        if path[0] in begun - {"train", "evaluate"} and not getattr(parameter, "is_flag", False)
    }
    assert {name for name in named if name.startswith("--")} - {"--title"} <= tried


def test_every_verb_has_a_line_that_works():
    lines = {" ".join(words) for words in VERBS}
    for path, _ in verbs():
        assert any(line.startswith(" ".join(path)) for line in lines), path


def test_hostile_lines_are_refused_before_anything_is_written(bench):
    for line in random.Random(1).sample(hostile_lines(), 12):
        verdict, told = try_line(bench, line)
        assert verdict not in FAULTS, (line, told)


def test_a_line_that_is_accepted_without_a_word_is_wrong(bench):
    assert try_line(bench, ["inspect", "load.csv"])[0] == "silently wrong"


def test_hostile_tables_are_refused_or_read_as_they_stand(tmp_path):
    for table in random.Random(1).sample(hostile_tables(), 60):
        verdict, told = try_table(table, tmp_path)
        assert verdict not in FAULTS, (table.name, told)


def test_a_table_that_is_read_as_something_else_is_wrong(tmp_path):
    sound = next(table for table in hostile_tables() if table.name == "series: as it is")
    assert try_table(sound, tmp_path)[0] == tables.FINE
    other = tables.HostileTable("x", "series", ".csv", sound.content, Counter({("a", 1, 2.0): 1}))
    assert try_table(other, tmp_path)[0] == "silently wrong"


def test_forged_folders_are_refused_or_work(tmp_path):
    (tmp_path / "bench").mkdir()
    folders = FolderBench(tmp_path / "bench")
    before = os.getcwd()
    for change in CHANGES:
        kind = "rim-forecaster" if change == "code" else "psa-gan-default"
        outcome = try_folder(Forgery(kind, change, 0), folders, tmp_path)
        assert outcome is not None, change
        assert outcome[0] not in FAULTS, (change, outcome)
    assert os.getcwd() == before


@pytest.mark.slow
@pytest.mark.parametrize("name", ["full-disk", "memory", "permission", "at-once", "starts"])
def test_a_machine_that_gives_out_leaves_nothing_half_done(name):
    """By its command: what it forks must begin as a process does, not as a test."""
    words = [sys.executable, Path(__file__).with_name("trial.py"), name]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_kinds_of_trials_are_all_there():
    assert set(TRIALS) == {
        "lines", "tables", "folders", "full-disk", "memory", "permission", "at-once", "starts"
    }  # fmt: skip
