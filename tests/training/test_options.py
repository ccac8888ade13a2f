"""Circumstances of a training: texts as seconds, and whose seed counts."""

import pytest

from tsgen.errors import ModelFormatError, SettingsError
from tsgen.training import TrainingOptions


@pytest.mark.parametrize(("text", "seconds"), [("90s", 90), ("10min", 600), ("1.5h", 5400), (5, 5)])
def test_budgets_are_read_as_seconds(text, seconds):
    assert TrainingOptions(budget=text).budget == seconds


def test_a_budget_that_is_no_time_is_refused():
    with pytest.raises(SettingsError, match=r"'soon' is not a time; write 90s, 10min or 1\.5h"):
        TrainingOptions(budget="soon")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"budget": 0}, "greater than 0"),
        ({"budget": "0s"}, "greater than 0"),
        ({"checkpoint_seconds": -1}, "greater than or equal to 0"),
        ({"devices": 0}, "devices=0"),
        ({"log_every": 0}, "log_every=0"),
        ({"num_threads": -1}, "num_threads=-1"),
        ({"seed": -1}, "seed=-1"),
        ({"budget_clock": "sun"}, "'wall' or 'cpu'"),
    ],
)
def test_impossible_circumstances_are_refused(options, told):
    with pytest.raises(SettingsError, match=told):
        TrainingOptions(**options)


def test_the_time_between_checkpoints_is_read_as_a_budget_is():
    assert TrainingOptions(checkpoint_seconds=" 2 min ").checkpoint_seconds == 120
    assert TrainingOptions(checkpoint_seconds=0).checkpoint_seconds == 0


def test_the_own_seed_counts_first_then_a_resumed_runs_then_the_given(tmp_path):
    (tmp_path / "seed.txt").write_text("5\n")
    assert TrainingOptions(seed=3, checkpoint=tmp_path, resume=True).resolved(9).seed == 3
    assert TrainingOptions(checkpoint=tmp_path, resume=True).resolved(9).seed == 5
    assert TrainingOptions(checkpoint=tmp_path).resolved(9).seed == 9
    assert TrainingOptions(checkpoint=tmp_path / "none", resume=True).resolved(9).seed == 9
    assert TrainingOptions().resolved(0).seed == 0
    drawn = {TrainingOptions().resolved().seed for _ in range(3)}
    assert len(drawn) == 3
    (tmp_path / "seed.txt").write_text("five")
    with pytest.raises(ModelFormatError, match=r"seed.txt is damaged and holds no seed"):
        TrainingOptions(checkpoint=tmp_path, resume=True).resolved(9)


def test_who_listens_is_no_part_of_what_is_written_down():
    written = TrainingOptions(on_row=print, checkpoint="kept").to_json()
    assert "on_row" not in written
    assert written["checkpoint"] == "kept"
