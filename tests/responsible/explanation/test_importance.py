"""Importance of players, against means by hand."""

import pandas as pd

from tsgen.responsible.explanation.importance import importance_table


def test_two_rows_a_player():
    table = importance_table(pd.DataFrame({"a": [1.0, -3.0], "b": [0.0, 0.0]}), protocol="p")
    assert table["player"].tolist() == ["a", "a", "b", "b"]
    assert table["metric"].tolist() == ["mean absolute", "mean"] * 2
    assert table["value"].tolist() == [2.0, -1.0, 0.0, 0.0]
    assert table["spread"].tolist() == [2.0, 2.0, 0.0, 0.0]
    assert set(table["protocol"]) == {"p"}
    assert set(table["n"]) == {2}
