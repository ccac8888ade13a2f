import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError
from tsgen.report import plot_agreement


def table():
    return pd.DataFrame({
        "item_id": ["a", "b", "c"], "past": [1, 2, 3], "intensity": [0.0, 20.0, 1000.0],
        "forecast": [0.5, 30.0, 900.0], "happened": [1.0, 25.0, 1100.0],
    })  # fmt: skip


def test_each_item_is_a_point_and_the_sums_are_told():
    ax = plot_agreement(table())
    points = ax.collections[0].get_offsets()
    np.testing.assert_allclose(points, table()[["forecast", "intensity"]])
    assert ax.get_title(loc="left") == "all items: users 1,020, demand 930, happened 1,126"
    assert ax.get_xlim() == ax.get_ylim()
    ax.figure.canvas.draw()  # symmetric logarithms cope with zeros
    again = plot_agreement(table().assign(happened=np.nan), ax=ax)
    assert again is ax
    assert "happened" not in ax.get_title(loc="left")


def test_a_table_without_items_or_views_is_refused():
    with pytest.raises(DataError, match="needs at least one item"):
        plot_agreement(table().iloc[:0])
    with pytest.raises(DataError, match="needs the column 'forecast'"):
        plot_agreement(table().drop(columns="forecast"))
