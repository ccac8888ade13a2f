"""Every event is in one group, and coalitions hold exactly their events."""

import numpy as np
import pandas as pd
import pytest

from tsgen import Interactions
from tsgen.errors import SettingsError
from tsgen.responsible.explanation.event_groups import groups_of_events, masked_log
from tsgen.responsible.shapley import coalitions

DAYS = pd.to_datetime(["2024-01-01", "2024-03-01", "2024-03-20", "2024-01-05", "2024-03-25"])
TABLE = pd.DataFrame({"user_id": ["a", "a", "a", "b", "b"], "item_id": [1, 2, 3, 1, 3]})
LOG = Interactions.from_frame(TABLE.assign(timestamp=DAYS))
AT = LOG.read_time("2024-03-30")


def test_events_are_own_similar_or_of_an_age():
    groups = groups_of_events(LOG, LOG.items.find([2]), AT, ("14D", "60D"))
    assert groups.names == (
        "the item itself", "similar items", "the last 14D", "14D to 60D ago", "more than 60D ago",
    )  # fmt: skip
    # items 1 and 3 share user a with item 2, so they are similar; item 2 is the item itself.
    assert groups.codes.tolist() == [1, 0, 1, 1, 1]
    alone = groups_of_events(LOG, LOG.items.find([2])[:0], AT, ("7D", "14D"))
    ages = [alone.names[k] for k in alone.codes]
    assert ages == ["more than 14D ago"] * 2 + ["7D to 14D ago", "more than 14D ago", "the last 7D"]


def test_a_bound_that_is_no_length_of_time_is_named_by_its_argument():
    with pytest.raises(SettingsError, match="ages='soon' is not a length of time"):
        groups_of_events(LOG, LOG.items.find([2]), AT, ("soon",))


def test_items_that_share_no_user_are_not_similar():
    table = pd.DataFrame({"user_id": ["a", "a", "b", "b"], "item_id": [1, 2, 3, 4]})
    apart = Interactions.from_frame(table.assign(timestamp=DAYS[:4]))
    groups = groups_of_events(apart, apart.items.find([1]), AT, ("60D",))
    named = {(table["user_id"][k], int(table["item_id"][k])) for k in range(4)}
    similar = {
        (apart.users.ids[apart.user[k]], int(apart.items.ids[apart.item[k]]))
        for k in np.flatnonzero(groups.codes == groups.names.index("similar items"))
    }
    assert similar == {("a", 2)}
    assert named - similar == {("a", 1), ("b", 3), ("b", 4)}


def test_each_coalition_of_a_user_has_its_events_alone():
    groups = groups_of_events(LOG, LOG.items.find([3]), AT, ("14D",))
    inside = coalitions(len(groups.names))
    masked = masked_log(LOG, groups, np.array([1, 0]), inside, None)
    assert masked.num_users == 2 * len(inside)
    for user, name in enumerate((1, 0)):
        events = slice(LOG.offsets[name], LOG.offsets[name + 1])
        for coalition, who in enumerate(inside):
            row = user * len(inside) + coalition
            mine = slice(masked.offsets[row], masked.offsets[row + 1])
            expected = LOG.item[events][who[groups.codes[events]]]
            assert masked.item[mine].tolist() == expected.tolist()


def test_attributes_are_missing_where_they_are_absent():
    groups = groups_of_events(LOG, LOG.items.find([3]), AT, ("14D",))
    inside = coalitions(len(groups.names) + 1)
    people = pd.DataFrame({"age": [30, 40]})
    ages = masked_log(LOG, groups, np.array([0, 1]), inside, people).user_table["age"]
    assert ages.notna().tolist() == [*inside[:, -1], *inside[:, -1]]
    assert ages.dropna().unique().tolist() == [30, 40]
