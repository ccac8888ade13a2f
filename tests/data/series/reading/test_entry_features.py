"""Dynamic fields of GluonTS entries: their shapes, names and what is refused."""

import numpy as np
import pytest

from tsgen.data.series.reading.entry_features import features_of_entries
from tsgen.errors import DataError, DataWarning

LENGTHS = np.array([3, 2])


def read(*entries, on_dynamic="keep", **options):
    return features_of_entries(entries, ["a", "b"], LENGTHS, on_dynamic, **options)


def entry(length, ahead=2, **fields):
    real = np.arange(2.0 * (length + ahead)).reshape(2, -1)
    return {"target": np.zeros(length), "feat_dynamic_real": real} | fields


def test_fields_may_go_on_after_the_target():
    features = read(entry(3), entry(2))
    assert features.offsets.tolist() == [0, 5, 9]
    assert features.real[:, 5:].tolist() == entry(2)["feat_dynamic_real"].tolist()
    assert read({"target": [0, 0, 0]}, {"target": [0, 0]}) is None


def test_past_features_end_with_the_target():
    pasts = [entry(n, past_feat_dynamic_real=np.ones((1, n))) for n in LENGTHS]
    features = read(*pasts)
    known = ~np.isnan(features.past[0])
    assert known.tolist() == [True] * 3 + [False] * 2 + [True] * 2 + [False] * 2


def test_names_are_for_real_then_categorical_fields():
    coded = [entry(n, feat_dynamic_cat=np.zeros((1, n + 2))) for n in LENGTHS]
    features = read(*coded, names=(("price", "promo", "kind"), ()))
    assert (features.real_names, features.cat_names) == (("price", "promo"), ("kind",))


@pytest.mark.parametrize("names", [(("price",), ()), ((), ("",))])
def test_names_of_features_that_no_entry_has_are_refused(names):
    bare = [{"target": [1.0, 2.0]}, {"target": [3.0]}]
    assert read(*bare) is None
    with pytest.raises(DataError, match="names 1 features, the entries have 0"):
        read(*bare, names=names)


@pytest.mark.parametrize(
    ("odd", "message"),
    [
        ({"feat_dynamic_real": np.ones((2, 1))}, "2 features of 2 or more steps"),
        ({"feat_dynamic_real": np.ones((1, 4))}, "expected are 2 features"),
        ({"feat_dynamic_real": [["x"]]}, "no numbers"),
        ({"feat_dynamic_real": np.full((2, 4), np.inf)}, "infinite value"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(odd, message):
    with pytest.raises(DataError, match=f"'b' has .*{message}"):
        read(entry(3), entry(2, **odd))


def test_fields_are_refused_or_left_out_on_request():
    with pytest.raises(DataError, match="were to be refused"):
        read(entry(3), entry(2), on_dynamic="error")
    with pytest.warns(DataWarning, match="2 of feat_dynamic_real"):
        assert read(entry(3), entry(2), on_dynamic="drop") is None
