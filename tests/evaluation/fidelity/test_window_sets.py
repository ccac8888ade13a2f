"""From datasets to window sets: which part a window comes from, how many there are, its scale."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, SettingsError, UnknownIdError
from tsgen.evaluation.fidelity import window_sets as origin
from tsgen.evaluation.fidelity.encoder import CausalEncoder
from tsgen.evaluation.fidelity.window_sets import draw_window_sets, encoder_for

HOURS, CUT = 60, 40
UNTIL = "2024-01-02 16:00"  # forty hours after the first


def numbers(num_series=4, length=HOURS):
    """Series whose every value says where it stands: a thousand times the series, plus the hour."""
    return 1000.0 * np.arange(num_series)[:, None] + np.arange(length)


@pytest.fixture
def real(make_dataset):
    return make_dataset(numbers())


@pytest.fixture
def made(make_dataset):
    info = [{"synthetic": True, "source_item_id": str(i % 4)} for i in range(30)]
    return make_dataset(numbers(30, 10) + 0.5, prefix="synthetic/", info=info)


def sets(real, made, **changes):
    arguments = {"train_until": None, "test_dataset": None, "target_length": None,
                 "num_windows": 5, "scale": "none", "seed": 1}  # fmt: skip
    return draw_window_sets(real, made, **(arguments | changes))


def firsts(windows):
    return [tuple(divmod(window[0], 1000)) for window in windows.tolist()]


def test_a_time_parts_training_from_test_windows(real, made):
    found = sets(real, made, train_until=UNTIL)
    assert found.protocol == "held-out"
    assert all(hour + 10 <= CUT for _, hour in firsts(found.train))
    assert all(hour >= CUT for _, hour in firsts(found.test))
    # ten times as many for training, among which copies are looked for, and twice of the others
    assert (len(found.train), len(found.test), len(found.synthetic)) == (50, 10, 10)
    assert found.facts["train_until"] == UNTIL
    assert "test" not in found.facts
    assert [facts["drawn"] for facts in found.facts["windows"].values()] == [50, 10, 10]
    assert list(found.facts["windows"]) == [
        "the real training part", "the real test part", "the synthetic dataset",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("until", "part"),
    [("2024-01-01 05:00", "the real training part"), ("2024-01-03 06:00", "the real test part")],
)
def test_a_part_without_a_window_is_named(real, made, until, part):
    with pytest.raises(DataError, match=f"No complete window of 10 steps: in {part} the longest"):
        sets(real, made, train_until=until)


def test_a_test_dataset_is_the_test_part(real, made):
    past, future = real.split(until=UNTIL)
    found = sets(past, made, test_dataset=future)
    assert found.protocol == "held-out"
    assert all(hour + 10 <= CUT for _, hour in firsts(found.train))
    assert all(hour >= CUT for _, hour in firsts(found.test))
    assert found.facts["train_until"] is None
    assert found.facts["test"]["fingerprint"] == future.fingerprint()
    assert found.facts["real"]["fingerprint"] == past.fingerprint()
    assert found.facts["synthetic"]["fingerprint"] == made.fingerprint()


@pytest.mark.parametrize(
    ("num_windows", "sizes"), [(5, (50, 10)), (40, (102, 80)), (90, (102, 102))]
)
def test_without_a_test_part_windows_are_halved_and_no_window_is_in_both(
    real, made, num_windows, sizes
):
    found = sets(real, made, num_windows=num_windows)
    assert found.protocol == "random halves"
    assert (len(found.train), len(found.test)) == sizes  # of 4 x 51 windows
    assert not set(firsts(found.train)) & set(firsts(found.test))
    assert {series for series, _ in firsts(found.test)} == {0, 1, 2, 3}


def test_the_seed_draws_the_windows(real, made):
    first, again, other = (sets(real, made, train_until=UNTIL, seed=s) for s in (1, 1, 2))
    for name in ("train", "test", "synthetic"):
        a, b, c = (getattr(found, name) for found in (first, again, other))
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)


# ---- scale ---------------------------------------------------------------------------------------


def test_values_stay_unless_series_are_scaled_by_their_training_part(real, made):
    plain = sets(real, made, train_until=UNTIL)
    scaled = sets(real, made, train_until=UNTIL, scale="series")
    for name in ("train", "test"):
        expected = (getattr(plain, name) % 1000) / (CUT - 1)
        np.testing.assert_allclose(getattr(scaled, name), expected)
    assert scaled.test.max() > 1  # later hours are beyond what training saw
    source = np.array([series % 4 for series, _ in firsts(plain.synthetic)])
    expected = (plain.synthetic - 1000 * source[:, None]) / (CUT - 1)
    np.testing.assert_allclose(scaled.synthetic, expected)
    np.testing.assert_array_equal(
        sets(real, made, train_until=UNTIL, scale="window").test, plain.test
    )


def test_a_series_that_is_only_tested_on_has_its_own_scale(real, made, make_dataset):
    past, future = real.split(until=UNTIL)
    found = sets(past.subset([0, 1]), made.subset([0, 1, 4, 5]), test_dataset=future,
                 scale="series", num_windows=40)  # fmt: skip
    hours = np.arange(CUT, HOURS)
    expected = {0, 1} | set(np.round((hours - CUT) / (HOURS - CUT - 1), 6))
    own = {round(float(v), 6) for v in found.test.ravel() if v <= 1.0}
    assert own == {round(float(v), 6) for v in expected}
    assert found.test.max() == pytest.approx((HOURS - 1) / (CUT - 1))  # series 0 and 1


def test_synthetic_series_without_information_go_by_their_own_name(real, make_dataset):
    named = make_dataset(numbers(4, 10) + 0.5)  # "0" to "3", as the real ones
    found = sets(real, named, train_until=UNTIL, scale="series")
    plain = sets(real, named, train_until=UNTIL)
    np.testing.assert_allclose(found.synthetic, (plain.synthetic % 1000) / (CUT - 1))
    stranger = replace(named, item_ids=("0", "1", "2", "4"))
    with pytest.raises(
        UnknownIdError, match=r"Series '4' comes from no known real series"
    ) as error:
        sets(real, stranger, train_until=UNTIL, scale="series")
    assert error.value.item_id == "4"


# ---- what does not suit --------------------------------------------------------------------------


def test_one_way_to_give_a_test_part_is_enough(real, made):
    with pytest.raises(SettingsError, match="not both"):
        sets(real, made, train_until=UNTIL, test_dataset=real)


def test_real_datasets_must_be_real_and_of_the_step_of_the_samples(real, made):
    with pytest.raises(DataError, match=r"The real dataset has 30 synthetic series") as error:
        sets(made, made)
    assert error.value.item_id == "synthetic/0"
    some = replace(real, info=({}, {}, {"synthetic": True}, {}))
    with pytest.raises(DataError, match=r"The test dataset has 1 synthetic series \(first: '2'\)"):
        sets(real, made, test_dataset=some)
    daily = replace(real, freq="D")
    with pytest.raises(DataError, match="The real dataset has freq 'D' and the synthetic one 'h'"):
        sets(daily, made)
    with pytest.raises(DataError, match="The test dataset has freq 'D'"):
        sets(real, made, test_dataset=daily)


def test_windows_of_samples_with_a_missing_value_are_left_out_and_counted(real, made):
    values = made.values.copy()
    values[[37, 38, 95]] = np.nan
    whole, broken = sets(real, made), sets(real, replace(made, values=values))
    assert np.isfinite(broken.synthetic).all()
    before, after = (s.facts["windows"]["the synthetic dataset"] for s in (whole, broken))
    assert before["incomplete"] == 0
    assert after["incomplete"] == before["complete"] - after["complete"] > 0


def test_windows_are_as_long_as_the_shortest_sample_up_to_256(real, made, make_dataset):
    long = make_dataset([np.arange(300.0), np.arange(280.0)])
    assert sets(real, made).synthetic.shape[1] == 10
    assert sets(real, made, target_length=8).train.shape[1] == 8
    assert sets(long, long, num_windows=2).train.shape[1] == 256
    assert sets(long, long, num_windows=2, target_length=270).train.shape[1] == 270
    with pytest.raises(DataError, match="Windows of 7 steps are too short"):
        sets(real, made, target_length=7)
    short = make_dataset([np.arange(20.0), np.arange(5.0)])
    with pytest.raises(DataError, match=r"synthetic series '1' has 5\)") as error:
        sets(real, short)
    assert error.value.item_id == "1"


# ---- the encoder ---------------------------------------------------------------------------------


@pytest.fixture
def trained(monkeypatch):
    calls = []

    def train(windows, *, seed, cache):
        calls.append((windows, seed, cache))
        return "trained"

    monkeypatch.setattr(origin, "train_encoder", train)
    return calls


def test_an_encoder_is_trained_on_training_windows_as_they_are_compared(trained):
    windows = numbers(20, 10)
    assert encoder_for("train", windows, "window", 4, 9, "here") == "trained"
    assert encoder_for("train", windows, "series", 4, 9, None) == "trained"
    (by_window, seed, cache), (as_is, _, nowhere) = trained
    np.testing.assert_allclose(by_window, np.tile(np.arange(10) / 9, (8, 1)))  # twice 4 of them
    np.testing.assert_array_equal(as_is, windows[:8])
    assert (seed, cache, nowhere) == (9, "here", None)
    with pytest.raises(SettingsError, match="needs scaled windows"):
        encoder_for("train", windows, "none", 4, 9, None)


def test_an_encoder_that_is_given_is_taken(trained, monkeypatch):
    monkeypatch.setattr(origin, "load_encoder", lambda path: f"read from {path}")
    windows, small_encoder = numbers(20, 10), CausalEncoder.__new__(CausalEncoder)
    assert encoder_for(None, windows, "none", 4, 9, None) is None
    assert encoder_for(small_encoder, windows, "none", 4, 9, None) is small_encoder
    assert encoder_for("here.pt", windows, "none", 4, 9, None) == "read from here.pt"
    assert not trained


def test_a_few_copies_among_the_samples_are_told():
    from tsgen.data import simulate_series, to_dataset
    from tsgen.evaluation.fidelity.window_sets import draw_window_sets

    real = simulate_series(12, 400, seed=1)
    train, test = real.split(last=150)
    other = simulate_series(60, 24, seed=7).to_frame()
    copies = train.split(last=24)[1].to_frame()
    copies["item_id"] = "copy" + copies["item_id"].astype(str)
    options = {"train_until": None, "target_length": 24, "num_windows": 60, "scale": "window"}

    def found(*tables):
        made = to_dataset(pd.concat(tables, ignore_index=True))
        return draw_window_sets(train, made, test_dataset=test, seed=1, **options).facts["copies"]

    assert found(other, copies)["copied"]
    assert found(other, copies)["exact"] == 12 / 72
    assert not found(other)["copied"]
    assert found(other)["num_searched"] == 12 * (250 - 24 + 1)
