"""Equal logs have equal digests, and any change of the content changes them."""

import pandas as pd
import pytest

from tsgen.data import Interactions
from tsgen.data.events.content_digest import content_digest

TABLE = {
    "user_id": ["a", "b"], "item_id": [1, 2], "timestamp": [1.0, 2.0], "value": [0.0, 3.0],
}  # fmt: skip


def digest(table, **options):
    return content_digest(Interactions.from_frame(pd.DataFrame(table), **options))


@pytest.mark.parametrize(
    "change",
    [
        {"user_id": ["a", "c"]},
        {"item_id": [1, 3]},
        {"item_id": [2, 1]},
        {"timestamp": [1.0, 3.0]},
        {"value": [0.0, 4.0]},
    ],
)
def test_every_column_of_the_events_is_part_of_it(change):
    assert digest(TABLE | change) != digest(TABLE)


def test_the_zone_and_the_presence_of_values_are_part_of_it():
    assert digest(TABLE, timezone="Europe/Vienna") != digest(TABLE)
    assert digest(TABLE, value="") != digest(TABLE)


def test_the_order_of_rows_and_the_sign_of_zero_are_not():
    reversed_rows = {name: column[::-1] for name, column in TABLE.items()}
    assert digest(reversed_rows) == digest(TABLE) == digest(TABLE | {"value": [-0.0, 3.0]})


def test_it_tells_attributes_apart():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": [1, 2], "timestamp": [1.0, 2.0]})
    users = pd.DataFrame({"user_id": ["a", "b"], "age": [30, 41], "town": ["Graz", None]})

    def of(**tables):
        return content_digest(Interactions.from_frame(table, **tables))

    items = users.rename(columns={"user_id": "item_id"}).assign(item_id=[1, 2])
    digests = [
        of(), of(users=users), of(items=items), of(users=users, items=items),
        of(users=users[["user_id"]]), of(users=users.assign(age=[41, 30])),
        of(users=users.assign(town=[None, "Graz"])), of(users=users.rename(columns={"age": "n"})),
    ]  # fmt: skip
    assert len(set(digests)) == len(digests)
    assert of(users=users[::-1]) == of(users=users[["town", "user_id", "age"]]) == digests[1]
