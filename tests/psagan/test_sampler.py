"""Drawing: how many, after what, when, how long; ids, provenance, seeds, zones, refusals."""

import copy

import numpy as np
import pandas as pd
import pytest
import torch

import tsgen
from psagan_doubles import same, sources, table, train
from tsgen.data import simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError, UnknownIdError

# ---- how many, and what an entry says -----------------------------------------------------------


def test_num_samples_is_the_total_without_items_or_like(model):
    assert len(model.sample(7, seed=1)) == 7


def test_num_samples_is_for_each_item_and_for_each_entry_of_like(model, panel):
    drawn = model.sample(3, items=["series-4", "series-1"], seed=1)
    assert sources(drawn) == ["series-4"] * 3 + ["series-1"] * 3
    drawn = model.sample(2, like=panel.subset([2, 0]), seed=1)
    assert sources(drawn) == ["series-2"] * 2 + ["series-0"] * 2


def test_samples_say_that_they_are_synthetic_and_after_whom(model):
    drawn = model.sample(40, seed=3)
    assert len(set(drawn.item_ids)) == 40
    assert drawn.synthetic.all()
    for item_id, facts in zip(drawn.item_ids, drawn.info, strict=True):
        assert item_id.startswith(f"synthetic/{facts['source_item_id']}/")
        assert (facts["model"], facts["seed"]) == ("psa-gan", 3)
    assert len({frozenset(entry) for entry in drawn}) == 1  # the same keys on every entry
    assert set(sources(drawn)) <= set(model.table.item_ids)


def test_a_table_of_samples_names_the_source(model):
    frame = model.sample(2, items=["series-1"], seed=1).to_frame(provenance=True)
    assert set(frame["source_item_id"]) == {"series-1"}
    assert frame["item_id"].nunique() == 2


def test_all_training_series_are_drawn_about_equally_often(model):
    counts = pd.Series(sources(model.sample(800, seed=5))).value_counts()
    assert len(counts) == 8
    assert (counts - 100).abs().max() < 5 * np.sqrt(100)


# ---- seeds --------------------------------------------------------------------------------------


def test_a_seed_repeats_the_draw_and_another_one_does_not(model):
    assert same(model.sample(5, seed=1), model.sample(5, seed=1))
    assert not same(model.sample(5, seed=1), model.sample(5, seed=2))


def test_without_a_seed_one_is_drawn_and_recorded(model):
    drawn = model.sample(3)
    assert same(drawn, model.sample(3, seed=drawn.info[0]["seed"]))
    assert not same(drawn, model.sample(3))


def test_more_than_a_batch_is_reproducible_and_never_repeats_itself(model):
    drawn = model.sample(600, items=["series-1"], start="2024-01-02", seed=1)
    assert same(drawn, model.sample(600, items=["series-1"], start="2024-01-02", seed=1))
    windows = drawn.values.reshape(600, 24)
    assert len(np.unique(windows, axis=0)) == 600


def test_draws_of_one_series_and_time_differ_by_noise_alone(model):
    windows = model.sample(20, items=["series-2"], start="2024-01-03", seed=4).values
    assert (windows.reshape(20, 24).std(axis=0) > 0).all()


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_a_noise_scale_multiplies_the_latent_noise_and_nothing_else(panel, preset):
    known = train(panel, target_length=16, preset=preset)
    asked = {"items": ["series-3"] * 40, "start": "2024-01-03", "seed": 2}

    def spread(chosen):
        return chosen.sample(**asked).values.reshape(40, -1).std(axis=0).mean()

    assert same(known.with_noise_scale(1.0).sample(**asked), known.sample(**asked))
    near, far = known.with_noise_scale(1e-6), known.with_noise_scale(3.0)
    assert spread(near) < 1e-3 * spread(known) < spread(far)
    assert same(
        far.with_noise_scale(1.0).sample(**asked), known.sample(**asked)
    )  # itself unchanged
    for impossible in (0.0, -1.0, float("nan"), float("inf"), "2", None, True, [1]):
        with pytest.raises(SettingsError, match="a number above 0"):
            known.with_noise_scale(impossible)


def test_drawing_leaves_the_global_generators_alone(model):
    np.random.seed(3)  # noqa: NPY002
    torch_state, numpy_state = torch.random.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    model.sample(2, seed=1)
    assert torch.equal(torch.random.get_rng_state(), torch_state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # noqa: NPY002


# ---- when and how long --------------------------------------------------------------------------


def test_start_is_the_first_step_of_every_series(model):
    drawn = model.sample(4, start="2024-01-05 07:00", seed=1)
    assert {entry["start"] for entry in drawn} == {pd.Period("2024-01-05 07:00", "h")}
    drawn = model.sample(1, start=pd.Period("2024-01-05 07:00", "h"), seed=1)
    assert next(iter(drawn))["start"] == pd.Period("2024-01-05 07:00", "h")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"length": 99_999_999}, "99999999 steps .*after the year 2261"),
        ({"start": "2261-12-31 20:00"}, "after the year 2261"),
        ({"start": "1200-01-01"}, "before the year 1678"),
    ],
)
def test_times_that_no_stamp_can_name_are_refused_before_drawing(model, asked, message):
    with pytest.raises(SettingsError, match=message):
        model.sample(1, **asked, seed=1)


def test_start_is_a_random_time_of_the_training_part_otherwise(model, panel):
    drawn = model.sample(300, seed=1)
    places = drawn.starts - panel.starts[0]
    assert places.min() >= 0
    assert places.max() <= 240 - 24
    assert len(np.unique(places)) > 100


def test_like_gives_start_and_length_if_asked(model, panel):
    ragged = panel.cut(np.array([3, 5]), np.array([10, 0]), np.array([110, 17]))
    drawn = model.sample(like=ragged, length="like", seed=1)
    assert drawn.lengths.tolist() == [100, 17]
    assert drawn.starts.tolist() == ragged.starts.tolist()
    assert model.sample(like=ragged, seed=1).lengths.tolist() == [24, 24]
    moved = model.sample(like=ragged, start="2025-06-01", length=30, seed=1)
    assert moved.lengths.tolist() == [30, 30]
    assert {entry["start"] for entry in moved} == {pd.Period("2025-06-01", "h")}


@pytest.mark.parametrize("length", [1, 5, 24, 25, 100])
def test_any_length_can_be_drawn(model, length):
    drawn = model.sample(3, length=length, seed=1)
    assert drawn.lengths.tolist() == [length] * 3
    assert np.isfinite(drawn.values).all()


# ---- series that the model does not know --------------------------------------------------------


def test_an_unknown_series_gets_its_own_scale_and_the_unknown_identity(model):
    random = np.random.default_rng(0)
    shape = 50 + random.normal(size=60)
    new = [
        {"item_id": name, "start": pd.Period("2024-01-02", "h"), "target": scale * shape}
        for name, scale in (("small", 1.0), ("large", 1e6))
    ]
    with pytest.warns(DataWarning, match="2 of 2 series are new to the model .*'small'"):
        drawn = model.sample(60, like=new, seed=1).values.reshape(2, 60, 24)
    for samples, entry in zip(drawn, new, strict=True):
        level, spread = entry["target"].mean(), entry["target"].std()
        assert abs(samples.mean() - level) < 5 * spread
    small, large = drawn
    assert large.std() / small.std() == pytest.approx(1e6, rel=0.5)


@pytest.mark.parametrize("scaling", ["standard", "min-max"])
@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_a_constant_series_comes_back_exactly_constant(scaling):
    wave = 5 + np.sin(np.arange(60))
    data = [
        {"item_id": name, "start": pd.Period("2024-01-01", "h"), "target": values}
        for name, values in (("wave", wave), ("flat", np.full(60, 0.1)))
    ]
    with pytest.warns(DataWarning, match="1 constant"):
        fitted = train(data, scaling=scaling)
    for length in (8, 40):
        drawn = fitted.sample(3, items=["flat"], length=length, seed=1)
        assert set(drawn.values) == {0.1}
    drawn = fitted.sample(like=[{**data[1], "item_id": "new", "target": np.full(9, 7.0)}], seed=1)
    assert set(drawn.values) == {7.0}


# ---- static columns, zones, labels ---------------------------------------------------------------


def test_static_columns_travel_with_the_source():
    data = to_dataset(
        table(["a", "b", "c"], shop=["x", "y", "x"], size=[3, 1, 2]), static=["shop", "size"]
    )
    fitted = train(data)
    frame = fitted.sample(30, seed=1).to_frame(provenance=True)
    of_source = {"a": ("x", 3), "b": ("y", 1), "c": ("x", 2)}
    for source, rows in frame.groupby("source_item_id"):
        assert set(zip(rows["shop"], rows["size"], strict=True)) == {of_source[source]}


def test_a_new_series_keeps_its_own_categories_new_ones_too():
    fitted = train(to_dataset(table(["a", "b"], shop=["x", "y"]), static=["shop"]))
    new = to_dataset(table(["a", "n"], shop=["y", "brand new"]), static=["shop"])
    with (
        pytest.warns(DataWarning, match="'brand new'"),
        pytest.warns(DataWarning, match=r"1 of 2 series are new to the model .*'n'"),
    ):
        frame = fitted.sample(2, like=new, seed=1).to_frame(provenance=True)
    shops = frame.groupby("source_item_id")["shop"].unique()
    assert (shops["a"].tolist(), shops["n"].tolist()) == (["y"], ["brand new"])
    assert fitted.static_codes(new).tolist() == [[2], [0]]


def test_time_zone_and_labels_survive():
    frame = table(["a", "b"], first="2024-03-29 00:30")
    frame["timestamp"] = frame["timestamp"].dt.tz_localize("Asia/Kolkata")
    fitted = train(frame)
    drawn = fitted.sample(3, start=pd.Timestamp("2024-05-01 00:00", tz="UTC"), seed=1)
    assert drawn.timezone == "Asia/Kolkata"
    stamps = drawn.to_frame()["timestamp"]
    assert str(stamps.dt.tz) == "Asia/Kolkata"
    assert str(stamps[0]) == "2024-05-01 05:30:00+05:30"
    assert set(stamps.dt.minute) == {30}  # hourly stamps at half past, as they came


def test_months_are_printed_as_they_came():
    fitted = train(table(["a", "b"], freq="ME", length=40))
    stamps = fitted.sample(1, start="2025-02-01", length=3, seed=1).to_frame()["timestamp"]
    assert stamps.dt.strftime("%Y-%m-%d").tolist() == ["2025-02-28", "2025-03-31", "2025-04-30"]


@pytest.mark.parametrize(
    ("freq", "first", "third"),
    [
        ("MS", "2030-01-01", "2030-03-01"),
        ("W-SUN", "2030-01-06", "2030-01-20"),
        ("D", "2030-01-01", "2030-01-03"),
        ("15min", "2030-01-01 00:45", "2030-01-01 01:15"),
        ("B", "2030-01-03", "2030-01-07"),
        ("YS", "2030-01-01", "2032-01-01"),
    ],
)
def test_every_frequency_goes_in_and_comes_out(tmp_path, freq, first, third):
    day = {"W-SUN": "2000-01-02", "B": "2000-01-03"}.get(freq, "2000-01-01")
    fitted = train(table(["a", "b"], freq=freq, length=60, first=day), target_length=11)
    fitted.save(tmp_path / "model")
    drawn = tsgen.load(tmp_path / "model").sample(2, start=first, length=30, seed=1)
    stamps = drawn.timestamps(0)
    assert (stamps[0], stamps[2]) == (pd.Timestamp(first), pd.Timestamp(third))
    assert np.isfinite(drawn.values).all()
    gluonts = next(iter(drawn))
    assert gluonts["start"].start_time <= pd.Timestamp(first)
    assert gluonts["target"].dtype == np.float32


# ---- refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"num_samples": 0}, "num_samples=0 is not possible"),
        ({"num_samples": 2.5}, r"num_samples=2\.5 is not possible"),
        ({"num_samples": "2"}, "num_samples='2' is not possible"),
        ({"length": 0}, "length=0 is not possible"),
        ({"length": 12.5}, r"length=12\.5 is not possible"),
        ({"length": "long"}, "length='long' is not possible"),
        ({"length": "like"}, "needs a dataset in like"),
        ({"items": []}, "items is empty"),
        ({"items": "series-0"}, r"give a list, items=\['series-0'\]"),
        ({"items": ["series-0"], "like": []}, "either like or items"),
        ({"start": "soon"}, "start='soon' is not a time"),
        ({"start": pd.NaT}, "start=NaT is not a time"),
        ({"start": pd.Timestamp("2024-01-01", tz="UTC")}, "has a time zone"),
        ({"seed": -1}, "seed=-1 is not possible"),
        ({"constraints": ["whole"]}, "'whole' is not a constraint"),
    ],
)
def test_an_impossible_request_is_one_sentence(model, request_, message):
    with pytest.raises(SettingsError, match=message):
        model.sample(**request_)


def test_an_unknown_item_gives_the_nearest(model):
    with pytest.raises(UnknownIdError, match=r"'serie-3'. Did you mean 'series-3'\? .*8 series"):
        model.sample(items=["series-1", "serie-3"])
    with pytest.raises(UnknownIdError):
        model.sample(items=[["series-1"]])


def test_data_of_another_frequency_or_zone_are_refused(model):
    daily = simulate_series(2, 60, "D", seed=1)
    with pytest.raises(DataError, match="freq 'D', the model was trained on 'h'"):
        model.sample(like=daily)
    with pytest.raises(DataError, match="The data have freq 'h', the settings say 'D'"):
        train(simulate_series(2, 60, seed=1), freq="D")
    there, here = table(["a"]), table(["a"])
    there["timestamp"] = there["timestamp"].dt.tz_localize("UTC")
    here["timestamp"] = here["timestamp"].dt.tz_localize("Asia/Tokyo")
    with pytest.raises(DataError, match="zone Asia/Tokyo, the model in UTC"):
        train(there).sample(like=here)


@pytest.mark.filterwarnings("ignore:.*new to the model")
def test_nothing_that_is_given_is_changed(model):
    entries = [
        {"item_id": "n", "start": pd.Period("2024-01-01", "h"), "target": np.arange(30.0)},
    ]
    before = copy.deepcopy(entries)
    items = ["series-1"]
    model.sample(like=entries, length="like", constraints="infer", seed=1)
    model.sample(items=items, seed=1)
    assert entries[0].keys() == before[0].keys()
    assert np.array_equal(entries[0]["target"], before[0]["target"])
    assert items == ["series-1"]
