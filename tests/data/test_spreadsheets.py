"""Ids that a spreadsheet would run: warned about, neutralised on request, read back."""

import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import tsgen
from tsgen.cli.main import app
from tsgen.data import read_interactions, read_series, restored, to_dataset, write_series
from tsgen.data.spreadsheets import neutralised
from tsgen.errors import DataWarning

IDS = ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "'=quoted", "plain", "-5", "a=b"]


def series(ids):
    hours = pd.date_range("2024-01-01", periods=3, freq="h")
    return to_dataset(
        pd.concat(
            pd.DataFrame({"item_id": i, "timestamp": hours, "target": np.arange(3.0)}) for i in ids
        )
    )


def test_ids_that_would_run_are_told_by_default(tmp_path):
    with pytest.warns(
        DataWarning, match=r"4 values of the column 'item_id' begin with = \+ - or @"
    ):
        write_series(series(IDS), tmp_path / "s.csv")
    assert "\n=1+1," in (tmp_path / "s.csv").read_text()


def test_numbers_are_no_formulas(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_series(series(["-5", "+7", "x"]), tmp_path / "s.csv")


@pytest.mark.parametrize("name", ["s.csv", "s.csv.gz"])
def test_neutralised_ids_are_read_back(tmp_path, name):
    write_series(series(IDS), tmp_path / name, spreadsheet_safe=True)
    table = pd.read_csv(tmp_path / name, dtype=str)
    assert not table["item_id"].str.match(r"[=+@]|-\D|-\d\+").any()
    with pytest.warns(DataWarning, match="5 ids of the column 'item_id' were neutralised"):
        assert list(read_series(tmp_path / name).item_ids) == IDS


def test_a_file_that_was_not_neutralised_is_read_as_it_is(tmp_path):
    with pytest.warns(DataWarning):
        write_series(series(["=x", "'=x"]), tmp_path / "s.csv")
    assert list(read_series(tmp_path / "s.csv").item_ids) == ["=x", "'=x"]


@given(st.lists(st.text(alphabet="'=+-@1a\t", min_size=1, max_size=5), min_size=1))
def test_neutralising_and_restoring_are_inverse(values):
    column = pd.Series(values, name="item_id", dtype=object)
    safe = neutralised(column.to_frame())["item_id"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        assert list(restored(safe)) == values


def test_an_audience_list_keeps_its_users_through_a_spreadsheet(tmp_path):
    draw = np.random.default_rng(0)
    users = np.array(["=cmd|'/c calc'!A0", "@ann", "eve", "bob"])[draw.integers(0, 4, 200)]
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(draw.uniform(0, 40, 200)), "D")
    table = {"user_id": users, "item_id": draw.integers(0, 3, 200), "timestamp": days}
    table = pd.DataFrame(table)
    estimator = tsgen.RIMEstimator(horizon="7D", relevance="popularity", repeats="none")
    estimator.train(tsgen.Interactions.from_frame(table)).save(tmp_path / "m")

    def audience(*words):
        every = ["audience", tmp_path / "m", "--item", "1", "--size", "4", "-o", *words]
        return CliRunner().invoke(app, [str(word) for word in every])

    told = audience(tmp_path / "a.csv")
    assert "warning:" in told.stderr
    assert "--spreadsheet-safe" in told.stderr
    safe = audience(tmp_path / "b.csv", "--spreadsheet-safe")
    assert "warning" not in safe.stderr
    assert "\n'=cmd|" in (tmp_path / "b.csv").read_text()
    rest = audience(tmp_path / "c.csv", "--exclude", tmp_path / "b.csv")
    assert "The list is empty" in rest.stderr + rest.stdout
    plan = tmp_path / "campaigns.toml"
    plan.write_text('[[campaigns]]\nname = "=one"\nitems = ["1"]\n')
    words = ["allocate", tmp_path / "m", plan, "--spreadsheet-safe", "-o", tmp_path / "d.csv",
             "--summary", tmp_path / "e.csv"]  # fmt: skip
    assert CliRunner().invoke(app, [str(word) for word in words]).exit_code == 0
    assert "\n'=cmd|" in (tmp_path / "d.csv").read_text()
    assert "\n'=one," in (tmp_path / "e.csv").read_text()


def test_a_log_with_neutralised_ids_is_read_back(tmp_path):
    table = pd.DataFrame({"user_id": ["'=a", "b"], "item_id": [1, 2]})
    table["timestamp"] = ["2024-01-01", "2024-01-02"]
    table.to_csv(tmp_path / "log.csv", index=False)
    with pytest.warns(DataWarning, match="column 'user_id' were neutralised"):
        assert list(read_interactions(tmp_path / "log.csv").users.ids) == ["=a", "b"]
