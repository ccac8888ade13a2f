"""What every maker of lists says of its candidates."""

import numpy as np
import pandas as pd

from small_shop import ITEMS, USERS


def test_parts_are_of_the_users_who_are_known_to_exist_and_multiply_to_the_scores(shop_model):
    parts, candidates = shop_model.score_parts(), shop_model.candidates()
    assert candidates.present.all()  # a table of users says so
    dense = shop_model.scores().block(slice(0, 41), slice(0, 13))
    whole = slice(0, 41), slice(0, 13)
    product = parts.activity[:, None] * parts.shares.block(*whole)
    np.testing.assert_allclose(product, dense, rtol=1e-5)


def test_attributes_are_those_of_the_tables(shop_model):
    table = shop_model.user_attributes.set_index("user_id")
    pd.testing.assert_series_equal(
        table["country"], USERS.set_index("user_id")["country"].reindex(table.index)
    )
    assert len(shop_model.all_items) == len(ITEMS)
    assert shop_model.all_item_table is shop_model.item_table
