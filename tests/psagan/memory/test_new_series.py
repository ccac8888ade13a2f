"""Series that a model does not know are counted; those spelt a little otherwise are named."""

import warnings

import numpy as np
import pytest

from tsgen.errors import DataWarning
from tsgen.psagan.memory import say_new_series

KNOWN = ("shop", 7, "007a")


def said(ids, trained):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        say_new_series(ids, np.array(trained), KNOWN)
    return [str(warning.message) for warning in caught]


def test_what_is_known_or_has_no_id_is_not_said():
    assert said(["shop", 7], [True, True]) == []
    assert said([None, None], [False, False]) == []
    assert said([], []) == []


@pytest.mark.parametrize("ids", [["mall"], ["mall", "fair"]])
def test_series_that_are_all_new_are_said(ids):
    (text,) = said(ids, [False] * len(ids))
    n = len(ids)
    assert text.startswith(f"{n} of {n} series are new to the model (the first is 'mall')")


def test_new_series_are_counted_and_the_first_is_named():
    (text,) = said(["shop", "mall", "fair", None], [True, False, False, False])
    assert text.startswith("2 of 4 series are new to the model (the first is 'mall')")
    assert "Is " not in text


@pytest.mark.parametrize(
    ("given", "meant"), [("Shop", "'shop'"), (" shop ", "'shop'"), ("0007", "7"), ("7A", "'007a'")]
)
def test_an_id_that_differs_by_blanks_case_or_zeros_is_asked_about(given, meant):
    with pytest.warns(DataWarning, match=f"Is {given!r} the series {meant} of the model"):
        say_new_series(["mall", given], np.array([False, False]), KNOWN)
