"""The fields of GluonTS entries."""

import numpy as np
import pandas as pd
import pytest

from tsgen.data import to_dataset, write_series
from tsgen.errors import DataError, DataWarning


def entry(**fields):
    return {"start": pd.Period("2024-01-01", "h"), "target": np.arange(5.0), **fields}


def test_real_features_and_info_are_carried():
    given_entries = [
        entry(item_id=k, feat_static_real=[0.5, float(k)], info={"synthetic": k == 1})
        for k in range(3)
    ]
    dataset = to_dataset(given_entries)
    assert dataset.static_real.tolist() == [[0.5, 0.0], [0.5, 1.0], [0.5, 2.0]]
    assert dataset.synthetic.tolist() == [False, True, False]
    again = next(iter(dataset.subset([1])))
    assert again["info"] == {"synthetic": True}
    assert again["feat_static_real"].tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "no entries"),
        ([1], "Entry 0 .* int, not a dictionary"),
        ([pd.DataFrame({"x": [1.0]})], r"pd.concat\(data, keys=range\(len\(data\)\), names="),
        ([{"target": [1.0]}], "no field 'start'"),
        ([{"start": pd.Period("2024", "Y")}], "no field 'target'"),
        ([entry(target=np.ones((2, 5, 1)))], "3 dimensions.*multivariate"),
        ([entry(item_id="a"), entry(item_id="b", target=np.ones((2, 5)))], "'b' has 2 dim"),
        ([entry(target=[])], "empty"),
        ([entry(target=["x"])], "not a list of numbers"),
        ([entry(target=[np.nan])], "no observed value"),
        ([entry(item_id="b", target=[1, np.inf])], "infinite.*item 'b'"),
        ([entry(past_feat_dynamic_cat=np.ones((1, 5)))], "dynamic_features='drop'"),
        ([entry(feat_dynamic_cat=np.full((1, 5), 0.5))], "whole numbers from 0"),
        ([entry(), entry(start=pd.Period("2024", "D"))], "frequency 'D'.*'h'"),
        ([entry(item_id="a"), entry(item_id="a")], "'a' stands on 2 entries.*rolling"),
        ([entry(item_id=None)], "Entry 0 has the item_id None"),
        ([entry(item_id="a\0b")], "NUL"),
        ([entry(item_id="a"), entry()], "Entry 1 and entry 0 differ in the fields item_id"),
        ([entry(), entry(info={})], "differ in the fields info"),
        ([entry(info="made")], "info must be a dictionary"),
        ([entry(feat_static_cat=[-1])], "whole numbers from 0"),
        ([entry(feat_static_cat=[0.5])], "whole numbers from 0"),
        ([entry(feat_static_cat=[0]), entry(feat_static_cat=[0, 1])], "same number of features"),
        ("train.csv", "read_series"),
        (5, "neither a table"),
    ],
)
def test_each_broken_rule_is_refused(entries, message):
    with pytest.raises(DataError, match=message):
        to_dataset(entries)


def test_dynamic_features_are_left_out_on_request():
    both = [entry(feat_dynamic_real=np.ones((3, 5)), past_feat_dynamic_real=[[1.0] * 5])] * 2
    both = [{**e, "item_id": str(i)} for i, e in enumerate(both)]
    said = r"out of 2 series: 3 of feat_dynamic_real, 1 of past_feat_dynamic_real\."
    with pytest.warns(DataWarning, match=said):
        dataset = to_dataset(both, dynamic_features="drop")
    assert not [key for key in next(iter(dataset)) if "dynamic" in key]


def test_unknown_fields_are_mentioned():
    with pytest.warns(DataWarning, match="horizon"):
        to_dataset([entry(horizon=3)])


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"item_id": ""}, "Entry 0 has the item_id ''"),
        ({"item_id": " "}, "Entry 0 has the item_id ' '"),
        ({"target": np.array([1, 2j])}, "is not a list of numbers"),
        ({"feat_static_cat": [10**30]}, r"feat_static_cat 1e\+30; category codes are"),
        ({"feat_static_cat": [[1]]}, "feat_static_cat with 2 dimensions"),
        ({"target": (x for x in (1.0, 2.0))}, "not a list of numbers .*: a generator"),
        ({"target": [1, 10**400]}, "not a list of numbers"),
    ],
)
def test_fields_that_numbers_cannot_hold_are_told(fields, told):
    with pytest.raises(DataError, match=told):
        to_dataset([entry(**{"item_id": "a"} | fields)])


def test_ids_of_one_text_are_two_series_but_no_table_of_a_file(tmp_path):
    dataset = to_dataset([entry(item_id=1), entry(item_id="1")])
    assert dataset.item_ids == (1, "1")
    for name in ("t.csv", "t.parquet"):
        with pytest.raises(DataError, match="item ids 1 and '1', which are one text"):
            write_series(dataset, tmp_path / name)
    assert not list(tmp_path.iterdir())
