"""Series in files, as the options say."""

from types import SimpleNamespace

import pandas as pd
import pytest

from command_line import answer, fail
from tsgen.cli.inputs import read_dataset, read_dataset_for, series
from tsgen.data import MultivariateDataset
from tsgen.errors import DataError, SettingsError


def test_step_numbers_are_dated_on_request(place, tmp_path):
    table = pd.read_csv(place / "load.csv")
    table["timestamp"] = table.groupby("item_id").cumcount()
    table.to_csv(tmp_path / "steps.csv", index=False)
    dating = ["--read", "start=2024-02-01", "--read", "freq=h"]
    found = answer("inspect", tmp_path / "steps.csv", *dating)
    assert found["first"] == "2024-02-01 00:00:00"


def test_an_empty_or_absent_file_is_told(place, tmp_path):
    (tmp_path / "empty.csv").write_text("")
    words = ["-o", tmp_path / "m", "--set", "num_steps=8"]
    assert "empty" in fail("train", "psa-gan", tmp_path / "empty.csv", *words)
    message = fail("train", "psa-gan", place / "laod.csv", *words)
    assert "Did you mean 'load.csv'?" in message


@pytest.fixture
def wide(place, tmp_path):
    table = pd.read_csv(place / "load.csv").assign(price=lambda t: 2 * t["target"], size=1)
    table.rename(columns={"item_id": "meter"}).to_csv(tmp_path / "wide.csv", index=False)
    return tmp_path / "wide.csv"


def test_columns_are_named_and_static_ones_listed(wide):
    read = read_dataset(wide, ["item_id=meter", "static=shop,size"], ["price"])
    assert read.static_names == ("shop", "size")
    plain = read_dataset(wide, ["item_id=meter"])
    assert (read.values == 2 * plain.values).all()


def test_several_targets_or_a_panel_are_channels_and_never_both(wide):
    both = read_dataset(wide, ["item_id=meter"], ["target", "price"])
    assert both.channels == ("target", "price")
    panel = read_dataset(wide, ["item_id=meter"], panel=True)
    assert isinstance(panel, MultivariateDataset)
    assert panel.channels == ("series-0", "series-1", "series-2")
    with pytest.raises(SettingsError, match="either several --target or --panel, not both"):
        read_dataset(wide, ["item_id=meter"], ["target", "price"], panel=True)


def test_a_model_reads_the_columns_it_knows(wide):
    facts = {"channels": ("price", "target"), "dynamic": None, "static_names": ("shop", "place")}
    model = SimpleNamespace(data=SimpleNamespace(**facts))
    read = read_dataset_for(model, wide, ["item_id=meter"], panel=False)
    assert read.channels == ("price", "target")
    assert read.parts[0].static_names == ("shop",)
    chosen = read_dataset_for(model, wide, ["item_id=meter", "static=size"], panel=False)
    assert chosen.parts[0].static_names == ("size",)
    assert len(read_dataset_for(model, wide, ["item_id=meter"], panel=True).channels) == 3


def test_keys_of_series_alone_are_understood(wide):
    with pytest.raises(SettingsError, match=r"--read user_id=meter is not understood"):
        read_dataset(wide, ["user_id=meter"])
    with pytest.raises(DataError, match=r"--read item_id=\.\.\."):
        read_dataset(wide, None)


@pytest.mark.parametrize(
    ("choices", "changed", "expected"),
    [
        (None, (), ["dynamic=heat,open", "past_dynamic=stock"]),
        (["freq=h"], ("heat",), ["freq=h", "dynamic=open", "past_dynamic=stock"]),
        (["dynamic=other"], (), ["dynamic=other", "past_dynamic=stock"]),
        (None, ("heat", "open", "stock"), None),
    ],
)
def test_columns_of_the_features_that_a_model_knows_are_asked_for(choices, changed, expected):
    facts = SimpleNamespace(real_names=("heat",), cat_names=("open",), past_names=("stock",))
    assert series._with_features(facts, choices, changed) == expected
    assert series._with_features(None, choices, changed) == choices
