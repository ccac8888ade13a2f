import numpy as np
import pandas as pd

from tsgen.intensity.item_record import item_record


def test_sums_of_all_of_the_most_bought_and_of_the_largest_categories():
    random = np.random.default_rng(0)
    expected, came = random.gamma(1, 3, 80), random.poisson(3, 80).astype(float)
    past = np.arange(80.0)[::-1]  # the first fifty are the most bought
    kinds = np.array([f"k{k % 8}" for k in range(80)], object)
    kinds[3] = None
    table = pd.DataFrame({"kind": kinds, "name": [f"n{k}" for k in range(80)], "one": ["x"] * 80})
    rows = {row["of"]: row for row in item_record(expected, 2 * expected, came, past, table)}
    assert rows["all items"]["came"] == came.sum()
    most = rows["the 50 items most bought before"]
    assert (most["items"], most["came"]) == (50, came[:50].sum())
    assert most["expected"] == round(expected[:50].sum(), 1)
    assert most["calibrated"] == round(2 * expected[:50].sum(), 1)
    sums = pd.Series(expected).groupby(kinds).sum().nlargest(5)
    told = [name.removeprefix("kind = ") for name in rows if name.startswith("kind = ")]
    assert told == list(sums.index)
    assert rows[f"kind = {told[0]}"]["expected"] == round(sums.iloc[0], 1)
    assert not any(name.startswith("one") for name in rows)  # one value tells nothing
    assert sum(name.startswith("name") for name in rows) == 5


def test_few_items_have_no_most_bought_and_no_table_no_categories():
    assert [row["of"] for row in item_record(*np.ones((4, 4)), None)] == ["all items"]
