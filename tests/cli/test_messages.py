"""Messages on the command line name flags; `tests/ecosystem/test_messages.py` is of Python."""

import inspect
import re
from typing import get_args

import numpy as np
import pandas as pd
import pytest
import typer

from command_line import run, succeed
from tsgen.cli.main import app
from tsgen.cli.outputs.flags import flags_of
from tsgen.data import simulate_series

GIVEN = r"--(?:read|set|user|item|facet|allow|like)[ =]\S+"
QUOTED = r"'[^']*'|\"[^\"]*\""
PYTHON = re.compile(
    r"(?<![\w./-])(?!attribute)[a-z_]\w*=(?!=)"  # an argument
    r"|\b(?:True|False|None)\b"
    r"|\b(?:tsgen|pd|np|data|dataset|Interactions|SeriesDataset)\.\w+"
    r"|\b[a-z]\w*\([^)\s]*[^)]*\)"  # a call
)
"""What a Python user writes."""


def python_in(message):
    """Return what of Python a message has outside of options that take NAME=VALUE."""
    return [m[0] for m in PYTHON.finditer(re.sub(QUOTED, "", re.sub(GIVEN, "", message)))]


def test_what_is_of_python_is_seen():
    assert python_in("Pass size=3 or call Interactions.from_frame(x).") == [
        "size=", "Interactions.from_frame"]  # fmt: skip
    assert python_in("Say --read target=y, or --set horizon=7D (a day).") == []


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Some verbs take an impossible value for the name of an output, and write it."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def here(place, shop, tmp_path_factory):
    """A folder with models and tables of all kinds, and the words that each verb begins with."""
    folder = tmp_path_factory.mktemp("messages")
    series = simulate_series(num_series=3, length=72, seed=1).to_frame()
    gaps = series.assign(target=series["target"].mask(series.index % 72 == 40))
    gaps.to_csv(folder / "gappy.csv", index=False)
    users = pd.DataFrame({"user_id": range(30), "age": np.arange(30)})
    users.to_csv(folder / "users.csv", index=False)
    users[["user_id"]].head(9).to_csv(folder / "list.csv", index=False)
    plan = '[[campaigns]]\nname = "tea"\nitems = ["tea"]\nat_most = 5\n'
    (folder / "plan.toml").write_text(plan)
    ahead = ["--set", "prediction_length=4", "--set", "context_length=8", "--set", "num_steps=2"]
    ahead += ["--set", "batch_size=4", "--set", "channels=[4]"]
    succeed("train", "psa-gan-c", folder / "gappy.csv", "-o", folder / "next", *ahead)
    load, model, log, rim = (
        place / "load.csv",
        place / "model",
        shop / "events.csv",
        shop / "model",
    )
    out, tiny = folder / "o.csv", ["--set", "num_steps=4", "--dry-run"]
    verbs = {
        "sample": [model, "-o", out, "-n", 2],
        "augment": [load, model, "-o", out],
        "forecast": [folder / "next", folder / "gappy.csv", "-o", out, "-n", 2],
        "impute": [folder / "next", folder / "gappy.csv", "-o", out],
        "audience": [rim, "--item", "tea", "--size", 3, "-o", out],
        "recommend": [rim, "--user", 3],
        "update": [rim, log, "-o", folder / "new"],
        "allocate": [rim, folder / "plan.toml", "-o", out],
        "drift": [folder / "list.csv", folder / "list.csv", "-o", folder / "run"],
        "inspect": [load],
        "train psa-gan": [load, "-o", folder / "m", *tiny],
        "train rim": [log, "-o", folder / "m", "--set", "horizon=7D", "--dry-run"],
        "evaluate bias": ["--audience", folder / "list.csv", "--users", folder / "users.csv",
                          "--facet", "age<9", "-o", folder / "run"],
        "explain scores": [rim, "--item", "tea", "--size", 3, "-o", folder / "run"],
    }  # fmt: skip
    return folder, verbs


IMPOSSIBLE = (-1, "no such thing")


def callback(verb):
    command = typer.main.get_command(app)
    for word in verb.split():
        command = command.commands[word]
    return inspect.unwrap(command.callback)


def said_of(words, folder):
    """Return the lines of a run that are ours, not of the parser of options (exit code 2)."""
    done = run(*words)
    if done.exit_code == 2:
        return []
    text = done.stderr.replace(str(folder.parent), "")
    return [line for line in text.splitlines() if line.startswith(("error: ", "warning: "))]


VERBS = [
    "sample", "augment", "forecast", "impute", "audience", "recommend", "update", "allocate",
    "drift", "inspect", "train psa-gan", "train rim", "evaluate bias", "explain scores",
]  # fmt: skip


NO_OVERWRITE = ("recommend", "inspect")


def in_place(verb):
    return [] if verb in NO_OVERWRITE else ["--overwrite"]


@pytest.mark.slow  # a model is read for each
@pytest.mark.parametrize("verb", VERBS)
def test_impossible_values_of_options_are_refused_in_flags(here, verb):
    folder, verbs = here
    call, heard, wrong = callback(verb), 0, []
    types = inspect.signature(call, eval_str=True).parameters
    for name, flag in flags_of(call).items():
        switch = name not in types or "bool" in str(get_args(types[name].annotation)[0])
        for value in () if switch else IMPOSSIBLE:
            for line in said_of(
                [*verb.split(), *verbs[verb], *in_place(verb), flag, value], folder
            ):
                heard += 1
                wrong += [(flag, value, line)] if python_in(line) else []
    assert not wrong
    assert heard > 2


@pytest.mark.parametrize(
    ("verb", "words", "expected"),
    [
        ("forecast", ["--number", -1], "--number -1 is not possible"),
        ("impute", ["--constraints", "some"], "--constraints some is not possible"),
        ("explain scores", ["--age", "soon"], "--age soon is not a length of time"),
        ("sample", ["--number", -1], "--number -1 is not possible"),
    ],
)  # fmt: skip
def test_options_under_another_name_than_in_python_are_named_by_their_flag(
    here, verb, words, expected
):
    folder, verbs = here
    (said,) = said_of([*verb.split(), *verbs[verb], *in_place(verb), *words], folder)
    assert expected in said
    assert not python_in(said)


def test_advice_of_a_reader_is_in_its_options(here):
    folder, _ = here
    (said,) = said_of(["inspect", folder / "gappy.csv", "--read", "timestamp=when"], folder)
    assert not python_in(said)
    pd.DataFrame({"who": [1], "timestamp": ["2024-01-01"]}).to_csv(folder / "odd.csv", index=False)
    said = said_of(["inspect", folder / "odd.csv"], folder)
    assert "--read layout=wide" in said[0]
    assert not [line for line in said if python_in(line)]
