"""Strata of categories and of numbers."""

import pandas as pd

from tsgen.responsible.bias.strata import strata_codes


def test_numbers_are_cut_into_quarters_and_categories_kept():
    assert strata_codes(pd.Series(range(40))).tolist() == [k // 10 for k in range(40)]
    assert strata_codes(pd.Series(["b", "a", None, "b"])).tolist() == [0, 1, 2, 0]
    assert strata_codes(pd.Series([1, 2, 2, 1])).tolist() == [0, 1, 1, 0]
