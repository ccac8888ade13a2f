"""Files of campaigns: ids of the log's own kind, and lists beside the file."""

import json

import pandas as pd
import pytest

from tsgen.cli.inputs import read_plan
from tsgen.data import Vocabulary
from tsgen.errors import DataError, SettingsError


def vocabulary(*ids):
    return Vocabulary.of(pd.Series(list(ids)), "user")[1]


USERS, ITEMS = vocabulary(3, 17, 25), vocabulary("tea", "007")
PLAN = """
max_contacts = 1
[[campaigns]]
name = "drinks"
items = ["tea", "007"]
exactly = 5
exclude = "lists/optout.csv"
[[campaigns]]
name = "others"
items = ["tea"]
exactly = 2
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "optout.csv").write_text("customer,why\n17,asked\n3,moved\n")
    (tmp_path / "plan.toml").write_text(PLAN)
    return tmp_path


def test_a_list_is_found_beside_the_plan_and_read_by_the_logs_column(place):
    plan = read_plan(place / "plan.toml", USERS, ITEMS, column="customer")
    drinks, others = plan.campaigns
    assert list(drinks.exclude) == ["17", "3"]
    assert list(drinks.items) == ["tea", "007"]
    assert not others.exclude
    with pytest.raises(DataError, match="user_id"):
        read_plan(place / "plan.toml", USERS, ITEMS)


def test_ids_written_as_text_become_those_of_the_log(place):
    numbers = vocabulary(7, 12)
    campaigns = [{"name": "a", "items": ["7", 12], "exactly": 2}]
    (place / "plan.json").write_text(json.dumps({"campaigns": campaigns}))
    assert list(read_plan(place / "plan.json", USERS, numbers).campaigns[0].items) == [7, 12]


def test_assignments_go_before_the_file(place):
    words = ["max_contacts=3"]
    plan = read_plan(place / "plan.toml", USERS, ITEMS, words, column="customer")
    assert plan.max_contacts == 3


@pytest.mark.parametrize("campaigns", ["drinks", ["drinks"]])
def test_campaigns_of_another_form_are_refused_by_the_plan(place, campaigns):
    (place / "plan.json").write_text(json.dumps({"campaigns": campaigns}))
    with pytest.raises(SettingsError, match="campaigns"):
        read_plan(place / "plan.json", USERS, ITEMS)
