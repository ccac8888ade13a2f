"""Errors: what they are besides, what they carry, and the nearest name."""

import signal
import warnings

import pytest

from tsgen import errors
from tsgen.errors import (
    DataError,
    DataWarning,
    TrainingDivergedError,
    TrainingInterruptedError,
    TsgenError,
    TsgenWarning,
    UnknownIdError,
    nearest,
    noted_warnings,
)


@pytest.mark.parametrize(
    ("name", "builtin"),
    [
        ("SettingsError", ValueError),
        ("DataError", ValueError),
        ("UnknownIdError", KeyError),
        ("TrainingDivergedError", RuntimeError),
        ("ModelFormatError", OSError),
        ("TooLargeError", MemoryError),
        ("OutputError", OSError),
        ("MissingExtraError", ImportError),
    ],
)
def test_each_error_is_ours_and_the_builtin_that_others_catch(name, builtin):
    assert issubclass(getattr(errors, name), builtin)


def test_whoever_catches_our_errors_catches_all_and_warnings_are_no_errors():
    raised = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    assert all(issubclass(error, TsgenError) for error in raised)
    assert issubclass(errors.DataWarning, TsgenWarning)
    assert issubclass(TsgenWarning, UserWarning)


def test_an_error_of_the_data_says_where():
    error = DataError("told", item_id="a", field="target", row=3)
    assert (str(error), error.item_id, error.field, error.row) == ("told", "a", "target", 3)
    bare = DataError("told")
    assert (bare.item_id, bare.field, bare.row) == (None, None, None)


def test_an_unknown_id_reads_without_quotes():
    error = UnknownIdError("There is no user 'ann'.", item_id="ann")
    assert str(error) == "There is no user 'ann'."
    assert error.item_id == "ann"


def test_a_stopped_training_says_at_which_step_and_from_where_to_go_on():
    diverged = TrainingDivergedError("NaN", step=12, stage=2)
    assert (diverged.step, diverged.stage) == (12, 2)
    stopped = TrainingInterruptedError("stopped", checkpoint="kept", signal=signal.SIGTERM)
    assert (stopped.checkpoint, stopped.signal) == ("kept", 15)
    assert TrainingInterruptedError("stopped").signal == signal.SIGINT


def test_the_nearest_name_is_suggested_only_if_it_is_near():
    assert nearest("targt", ["target", "item_id"]) == " Did you mean 'target'?"
    assert nearest("Series-1", ["series-1", 3]) == " Did you mean 'series-1'?"
    assert nearest("SERIES-1", ["Series-1"]) == " Did you mean 'Series-1'?"
    assert nearest("x", ["target"]) == ""
    assert nearest("x", []) == ""


def test_warnings_are_noted_and_go_their_way():
    with pytest.warns(DataWarning, match="merged"), noted_warnings() as notes:
        warnings.warn("two rows were merged", DataWarning, stacklevel=1)
    assert notes == ["two rows were merged"]


def test_warnings_of_others_and_silenced_ones_are_not_noted():
    with pytest.warns(UserWarning, match="elsewhere"), noted_warnings() as notes:
        warnings.warn("elsewhere", UserWarning, stacklevel=1)
    assert notes == []
    with noted_warnings() as notes, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("silenced", DataWarning, stacklevel=1)
    assert notes == []
    with pytest.raises(DataWarning), noted_warnings():
        warnings.warn("an error by filter", DataWarning, stacklevel=1)
