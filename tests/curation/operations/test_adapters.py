"""Functions of the user and of other libraries: what they are given, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tsgen.curation import FunctionOperation, make_series, operation
from tsgen.curation.operations import synforecast
from tsgen.data import simulate_series
from tsgen.errors import DataError, SettingsError, TsgenError

REAL = simulate_series(num_series=4, length=96, seed=1)


def louder(table, seed):
    noise = np.random.default_rng(seed).normal(size=len(table))
    return table.assign(item_id=table["item_id"] + "/new", target=table["target"] + noise)


def broken(table):
    raise ZeroDivisionError("by zero")


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (broken, "'bad' failed: ZeroDivisionError: by zero"),
        (lambda table: table.iloc[:0], "'bad' gave an empty table"),
        (lambda table: table, "only series whose ids are those of the data"),
        (lambda table: 7, "'bad' gave 7"),
        (
            lambda table: table.assign(
                item_id="x", timestamp=pd.date_range("2024", periods=len(table), freq="D")
            ),
            "freq='D'; the data have 'h'",
        ),
    ],
)
def test_what_a_function_does_wrong_is_said(function, message):
    with pytest.raises(DataError, match=message):
        FunctionOperation(function, "bad")(REAL, 1.0, seed=1)


def test_a_function_that_gives_few_is_asked_again_with_another_seed():
    asked = []

    def single(table, seed):
        asked.append(seed)
        return louder(table[table["item_id"] == table["item_id"].iloc[0]], seed)

    made = FunctionOperation(single, "single")(REAL, 1.0, seed=1)
    assert len(made) == 4
    assert len(set(asked)) == 4


def test_functions_may_take_the_dataset_itself():
    def same(dataset):
        from dataclasses import replace

        return replace(dataset, item_ids=tuple(f"n{i}" for i in dataset.item_ids))

    made = FunctionOperation(same, "same", takes="dataset")(REAL, 1.0, seed=1)
    np.testing.assert_array_equal(made.values, REAL.values)


@pytest.mark.parametrize("method", ["augment", "mixup", "mbb", "dba"])
def test_synforecast_takes_part(method):
    pytest.importorskip("synforecast")
    made = make_series(REAL, operation(f"synforecast-{method}"), 1.0, seed=1)
    assert len(made) == 4
    assert made.fingerprint() == make_series(
        REAL, operation(f"synforecast-{method}"), 1.0, seed=1
    ).fingerprint()  # fmt: skip


def test_a_function_is_given_text_ids_and_times_without_a_zone():
    seen = []

    def watching(table):
        seen.append(table)
        return table.assign(item_id="new " + table["item_id"])

    zoned = replace(REAL, item_ids=(7, 8, 9, 10), timezone="Europe/Paris")
    made = FunctionOperation(watching, "w")(zoned, 1.0, seed=1)
    table = seen[0]
    assert list(table.columns) == ["item_id", "timestamp", "target"]
    assert table["item_id"].unique().tolist() == ["7", "8", "9", "10"]
    assert table["timestamp"].dt.tz is None
    assert made.timezone == "Europe/Paris"
    np.testing.assert_array_equal(made.values, zoned.values)


def test_numpys_global_generator_is_seeded_and_put_back():
    def noisy(table):
        noise = np.random.normal(size=len(table))  # noqa: NPY002
        return table.assign(item_id=table["item_id"] + "/n", target=noise)

    before = np.random.get_state()[1].tobytes()  # noqa: NPY002
    one, two, other = (FunctionOperation(noisy, "n")(REAL, 1.0, seed=s) for s in (1, 1, 2))
    assert one.fingerprint() == two.fingerprint() != other.fingerprint()
    assert np.random.get_state()[1].tobytes() == before  # noqa: NPY002


def test_real_series_in_what_comes_back_are_left_out_and_no_more_than_asked_are_taken():
    def both(table, seed):
        return pd.concat([table, louder(table, seed)])

    made = FunctionOperation(both, "both")(REAL, 0.75, seed=1)
    assert made.item_ids == tuple(f"synthetic/both/{i}" for i in range(3))
    assert all((made.series(i) != REAL.series(i)).all() for i in range(3))


def test_statics_of_the_data_go_along():
    static = replace(REAL, static_cat=np.array([[0], [1], [2], [0]]), static_names=("shop",),
                     static_categories=(("a", "b", "c"),))  # fmt: skip
    made = FunctionOperation(louder, "louder")(static, 1.5, seed=1)
    assert made.static_cat[:, 0].tolist() == [0, 1, 2, 0, 0, 1]
    assert made.static_names == ("shop",)


def test_a_function_that_never_gives_enough_is_named_with_how_many_it_gave():
    asked = []

    def one_series(table, seed):
        asked.append(seed)
        return louder(table[table["item_id"] == table["item_id"].iloc[0]], seed)

    with pytest.raises(DataError, match=r"'few' gave 20 new series in 20 calls; 24 are needed"):
        FunctionOperation(one_series, "few")(REAL, 6.0, seed=1)
    assert len(asked) == 20
    with pytest.raises(SettingsError, match=r"ratio=0\.1 of 4 series is no series"):
        FunctionOperation(louder, "louder")(REAL, 0.1, seed=1)


def test_errors_of_our_own_pass_through_and_unreadable_tables_are_said():
    def ours(table):
        raise TsgenError("as it is")

    with pytest.raises(TsgenError, match=r"^as it is$"):
        FunctionOperation(ours, "ours")(REAL, 1.0, seed=1)
    with pytest.raises(DataError, match="What 'bare' gave cannot be read"):
        FunctionOperation(lambda t: t[["target"]], "bare")(REAL, 1.0, seed=1)


def test_callables_that_do_not_say_their_parameters_are_called_without_a_seed():
    class Silent:
        __signature__ = "none"

        def __call__(self, table):
            return table.assign(item_id=table["item_id"] + "/s")

    assert len(FunctionOperation(Silent(), "silent")(REAL, 1.0, seed=1)) == 4


def test_a_method_that_synforecast_lacks_is_named():
    with pytest.raises(SettingsError, match=r"no method 'mixupp'\. Did you mean 'mixup'"):
        synforecast("mixupp")
