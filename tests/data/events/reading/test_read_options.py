import pytest

from tsgen.data.events import ReadOptions
from tsgen.errors import DataWarning, SettingsError


def test_what_differs_from_the_defaults_is_kept_and_comes_back():
    options = ReadOptions(user_id="who", value="", returns="drop", date_format="%Y%m%d")
    kept = options.to_json()
    assert kept == {"user_id": "who", "value": "", "returns": "drop", "date_format": "%Y%m%d"}
    assert ReadOptions(**kept) == options
    assert ReadOptions().to_json() == {}


def test_names_of_another_table():
    options = ReadOptions(user_id="who", item_id="what", value="paid", quantity="pieces")
    assert options.within(["who", "what", "timestamp", "paid", "pieces"]) == options
    assert options.within(["who", "what", "timestamp"]) == ReadOptions("who", "what")
    with pytest.warns(DataWarning, match="no column 'what'.*item_id is read"):
        found = options.within(["who", "item_id", "timestamp", "paid"])
    assert (found.user_id, found.item_id, found.value) == ("who", "item_id", "paid")
    assert options.within(["other"]).user_id == "who"  # so that the fault names it


@pytest.mark.parametrize("name", ["returns", "on_duplicate", "on_missing_id", "on_bad_time",
                                  "on_stray", "on_machine"])  # fmt: skip
def test_impossible_choices_are_refused(name):
    with pytest.raises(SettingsError, match=f"{name}='maybe' is not possible: use .* or "):
        ReadOptions(**{name: "maybe"})


def test_one_column_has_one_role():
    with pytest.raises(SettingsError, match="one column"):
        ReadOptions(user_id="id", item_id="id")


@pytest.mark.parametrize("role", ["user_id", "item_id", "timestamp", "quantity"])
def test_a_column_with_a_role_of_its_own_is_no_value_besides(role):
    assert ReadOptions().value_column(["value"]) == "value"
    assert ReadOptions(**{role: "value"}).value_column(["value"]) is None
