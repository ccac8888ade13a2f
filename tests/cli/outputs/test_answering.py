"""What every verb does with errors, warnings and interruptions."""

import inspect
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
import typer

from command_line import TINY, fail, run
from tsgen.cli.outputs import ExitCode, answering, command_line
from tsgen.cli.outputs import answering as module
from tsgen.errors import DataError, DataWarning, SettingsError, TrainingInterruptedError
from tsgen.interruption import Ended


@pytest.fixture
def bad_table(tmp_path, place):
    def write(change, name="bad.csv"):
        frame = change(pd.read_csv(place / "load.csv"))
        frame.to_csv(tmp_path / name, index=False)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.rename(columns={"target": "targte"}), "Did you mean 'targte'?"),
        (lambda t: t.drop(columns="item_id"), "item_id"),
        (lambda t: t.assign(target="text"), "text"),
        (lambda t: t.assign(timestamp="someday"), "someday"),
        (lambda t: t.iloc[:0], "bad.csv"),
        (lambda t: pd.concat([t, t.iloc[:1]]), "on_duplicate"),
        (lambda t: t.assign(target=np.where(t.index == 5, np.inf, t["target"])), "infinit"),
    ],
)
def test_broken_data_are_one_sentence(bad_table, tmp_path, change, message):
    words = ["train", "psa-gan", bad_table(change), "-o", tmp_path / "m", *TINY]
    assert message in fail(*words)
    assert not (tmp_path / "m.checkpoint").exists()


def test_a_warning_is_said_once_a_command(place, tmp_path, monkeypatch):
    def sample(self, *_, **__):
        for _ in range(3):
            warnings.warn("one and the same", DataWarning, stacklevel=1)
        raise SettingsError("enough")

    monkeypatch.setattr("tsgen.psagan.PSAGANSynthesizer.sample", sample)
    told = run("sample", place / "model", "-o", tmp_path / "s.csv").stderr
    assert told.count("one and the same") == 1


def ending(error):
    """A verb that ends in an error, run; its exit code."""

    @answering
    def verb() -> None:
        raise error

    with pytest.raises(typer.Exit) as ended:
        verb()
    return ended.value.exit_code


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (DataError("Row 3 is odd."), ExitCode.ERROR, "error: Row 3 is odd.\n"),
        (KeyboardInterrupt(), ExitCode.INTERRUPTED, "interrupted: nothing was written.\n"),
        (Ended(), ExitCode.ENDED, "interrupted: nothing was written.\n"),
        (SystemExit(1), ExitCode.INTERRUPTED, "interrupted: nothing was written.\n"),
        (
            TrainingInterruptedError("Kept.", signal=15),
            ExitCode.ENDED,
            "interrupted: Kept.\n",
        ),
        (typer.Exit(ExitCode.ALARM), ExitCode.ALARM, ""),
    ],
)
def test_each_ending_has_its_code_and_its_sentence(capsys, error, code, said):
    assert ending(error) == code
    assert capsys.readouterr() == ("", said)


def test_a_fault_of_ours_is_a_sentence_and_a_traceback_on_request(capsys):
    @answering
    def verb() -> None:
        raise KeyError("odd")

    with pytest.raises(typer.Exit):
        verb()
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "--debug" in told
    with pytest.raises(typer.Exit):
        verb(debug=True)
    assert "Traceback" in capsys.readouterr().err


def test_a_verb_keeps_its_options_and_gets_those_of_all(monkeypatch):
    limits = []
    monkeypatch.setattr(sys.modules[module.__module__], "memory_limit", limit := Limits(limits))

    @answering
    def verb(name: str, number: int = 3) -> None:
        """Its help."""
        limits.append((name, number))

    verb("a", number=4, max_memory="8GB")
    assert limits == ["8GB", ("a", 4)]
    assert limit is not None
    names = list(inspect.signature(verb).parameters)
    assert names == ["name", "number", "max_memory", "debug"]
    assert verb.__doc__ == "Its help."


class Limits:
    """Stands in for `memory_limit`."""

    def __init__(self, seen):
        self.seen = seen

    def __call__(self, size):
        self.seen.append(size)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def test_warnings_of_ours_are_lines_and_others_are_not_shown(capsys):
    @answering
    def verb() -> None:
        for _ in range(3):
            warnings.warn("ours", DataWarning, stacklevel=1)
        warnings.warn("theirs", UserWarning, stacklevel=1)

    verb()
    verb()
    assert capsys.readouterr().err == "warning: ours\n" * 2  # once a command


def test_what_was_typed_can_be_typed_again(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/tsgen", "sample", "my model", "-n", "3"])
    assert command_line() == "tsgen sample 'my model' -n 3"


def test_what_is_noted_of_an_error_follows_it(capsys):
    @answering
    def verb() -> None:
        error = MemoryError("Small.")
        error.add_note("The cells are kept.")
        raise error

    with pytest.raises(typer.Exit):
        verb()
    assert capsys.readouterr().err.rstrip().endswith("with more. The cells are kept.")
