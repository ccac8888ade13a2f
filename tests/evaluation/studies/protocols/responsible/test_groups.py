"""A cell of who is targeted: numbers of the report and of repair, and what is not there."""

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError
from tsgen.evaluation.studies.protocols.responsible.groups import groups
from tsgen.evaluation.studies.sources import StudySources

STUDY = {"data": "shop", "column": "kind", "word": "tea", "facets": ["sex=f"], "size": 0.3}
ARM = {"settings": {"relevance": "popularity", "activity": "moving-average"}}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """300 users of whom women do half as much."""
    folder = tmp_path_factory.mktemp("groups")
    random = np.random.default_rng(0)
    woman = np.arange(300) % 2 == 0
    weight = np.where(woman, 0.5, 1.0)
    table = pd.DataFrame({
        "user_id": random.choice(300, 4000, p=weight / weight.sum()),
        "item_id": random.choice(["a", "b", "c"], 4000),
        "timestamp": random.integers(0, 100 * 86_400, 4000),
    })  # fmt: skip
    table.to_parquet(folder / "shop.parquet")
    pd.DataFrame({"item_id": ["a", "b", "c"], "kind": ["tea|hot", "teas", "mug|tea"]}).to_parquet(
        folder / "shop.items.parquet"
    )
    pd.DataFrame({"user_id": range(300), "sex": np.where(woman, "f", "m")}).to_parquet(
        folder / "shop.users.parquet"
    )
    return StudySources(folder, folder)


def test_a_gap_is_split_and_repaired(sources):
    cell = groups(STUDY, ARM, 1, sources)
    assert (cell["items"], cell["size"]) == (2, 90)  # "teas" is another word
    value = {name: row["value"] for name, row in cell["measures"].items()}
    assert value["sex=f: ratio"] < 0.8 <= value["sex=f repaired: ratio"]
    parts = sum(value[f"sex=f: gap by {part}"] for part in ("activity", "relevance", "own past"))
    assert parts == pytest.approx(value["sex=f: gap"], abs=2e-4)
    changed = value["sex=f repaired: precision after"] / value["sex=f repaired: precision before"]
    assert changed - 1 == pytest.approx(value["sex=f repaired: precision changed by"], abs=1e-3)
    assert value["sex=f repaired: expected lost"] > 0


@pytest.mark.parametrize(
    ("change", "said"),
    [({"column": "kinds"}, "has no column 'kinds'"), ({"word": "cake"}, "has 'cake' as its kind")],
)
def test_a_campaign_about_nothing_is_refused(sources, change, said):
    with pytest.raises(DataError, match=said):
        groups(STUDY | change, ARM, 1, sources)
