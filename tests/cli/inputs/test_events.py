"""What the verbs about events share: logs, attributes, conditions, tables."""

import json
from pathlib import Path

import pandas as pd
import pytest

from command_line import run
from tsgen.cli.inputs import events, is_log
from tsgen.data import hash_users
from tsgen.errors import DataError, SettingsError


def test_values_that_are_no_numbers_can_be_left_out(shop, tmp_path):
    table = pd.read_csv(shop / "events.csv").assign(value="abc")
    table.to_csv(tmp_path / "log.csv", index=False)
    result = run("inspect", tmp_path / "log.csv")
    assert result.exit_code == 1
    assert "row 0: 'abc'" in result.stderr
    assert "leave it empty" not in result.stderr
    assert "--read value=" in result.stderr
    result = run("inspect", tmp_path / "log.csv", "--read", "value=", "--json")
    assert json.loads(result.stdout)["has_value"] is False


def test_a_file_of_attributes_is_blamed_by_its_own_name(shop, tmp_path):
    (tmp_path / "items.csv").write_text("sku,kind\ntea,food\n")
    (tmp_path / "twice.csv").write_text("item_id,kind\ntea,food\ntea,ware\n")
    words = ["train", "rim", shop / "events.csv", "-o", tmp_path / "m"]
    for name, message in (
        ("items.csv", "The item table has no column 'item_id'"),
        ("twice.csv", "The item table has 'tea' twice"),
    ):
        result = run(*words, "--read", f"items={tmp_path / name}")
        assert result.exit_code == 1
        assert f"error: {tmp_path / name}: {message}" in result.stderr
    result = run(*words, "--read", f"items={tmp_path / 'item.csv'}")
    assert "There is no file or folder" in result.stderr
    assert "Did you mean 'items.csv'?" in result.stderr
    result = run("audience", shop / "model", "--item", "tea", "--size", 3,
                 "--exclude", tmp_path / "item.txt")  # fmt: skip
    assert (result.exit_code, "There is no file or folder" in result.stderr) == (1, True)
    (tmp_path / "part.csv").write_text("item_id,kind\ntea,food\nmug,ware\n")
    result = run("inspect", shop / "events.csv", "--read", f"items={tmp_path / 'part.csv'}")
    assert "warning: The item table lacks 1 of the 3 items of the events (the first: '007')" in (
        result.stderr
    )


def test_repeated_events_are_named_as_they_are_written(shop, tmp_path):
    table = pd.read_csv(shop / "events.csv")
    pd.concat([table, table.head(1)]).to_csv(tmp_path / "twice.csv", index=False)
    result = run("inspect", tmp_path / "twice.csv")
    assert f"user {table['user_id'][0]}, item" in result.output


LOG = "customer;item_id;timestamp\na;tea;2024-01-01\nb;mug;2024-01-02\n"


def test_users_become_digests_by_the_salt_in_a_file(tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "salt").write_text("  a long and secret salt of ours\n")
    choices = ["user_id=customer", "unit=s"]
    plain = events.read_events(tmp_path / "log.csv", choices[:1])
    hashed = events.read_events(tmp_path / "log.csv", [*choices[:1], f"hash_users={tmp_path}/salt"])
    expected = hash_users(plain, "a long and secret salt of ours").users
    assert hashed.users.ids.tolist() == expected.ids.tolist() != plain.users.ids.tolist()
    with pytest.raises(DataError, match=r"The salt in .*/none cannot be read"):
        events.read_events(tmp_path / "log.csv", [*choices[:1], f"hash_users={tmp_path}/none"])


def test_attributes_are_found_by_the_name_of_the_logs_column(tmp_path):
    (tmp_path / "log.csv").write_text(LOG)
    (tmp_path / "people.csv").write_text("customer,country\na,DE\nb,NA\n")
    log = events.read_events(
        tmp_path / "log.csv", ["user_id=customer", f"users={tmp_path}/people.csv"]
    )
    assert events.column_of(["user_id=customer"], "user_id") == "customer"
    assert events.column_of(["user_id=customer"], "item_id") == "item_id"
    assert log.user_table["country"].tolist() == ["DE", "NA"]  # NA is Namibia


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tables_beside_a_log_read_whole_numbers_and_padded_ids_as_it_does(tmp_path, suffix):
    table = pd.DataFrame({"user_id": [7, 12], "kind": ["x", ""]})
    place = tmp_path / f"t{suffix}"
    table.to_csv(place, index=False) if suffix == ".csv" else table.to_parquet(place)
    assert events.read_table(place, "user_id")["user_id"].tolist() == [7, 12]
    (tmp_path / "padded.csv").write_text("user_id\n007\n012\n")
    assert events.read_table(tmp_path / "padded.csv", "user_id")["user_id"].tolist() == [
        "007", "012"]  # fmt: skip


def test_conditions_of_one_attribute_are_alternatives():
    asked = ["country=DE", "vip=true", "country=a=b"]
    assert events.read_conditions(asked, "--where") == {"country": ["DE", "a=b"], "vip": ["true"]}
    assert events.read_conditions([], "--where") is None
    with pytest.raises(SettingsError, match="--item-where kind has no '='; write --item-where"):
        events.read_conditions(["kind"], "--item-where")


def test_how_to_read_a_log_is_refused_without_one():
    events.check_read(["unit=s"], log=Path("log.csv"))
    events.check_read(["user_id=Kunde"], log=None, lists=(None, Path("ids.txt")))
    idle = [("unit=s", [Path("ids.txt")]), ("timestamp=t", [Path("ids.txt")]),
            ("user_id=Kunde", [None])]  # fmt: skip
    for choice, lists in idle:
        with pytest.raises(SettingsError, match=f"--read {choice} has no effect without --log"):
            events.check_read([choice], log=None, lists=lists, log_option="--log")


def test_tables_of_other_kinds_are_refused_and_pq_is_parquet(tmp_path):
    (tmp_path / "sent.jsonl").write_text("{}")
    with pytest.raises(DataError, match=r"sent.jsonl: The file is of an unknown kind"):
        events.read_table(tmp_path / "sent.jsonl", "user_id")
    pd.DataFrame({"user_id": ["a"]}).to_parquet(tmp_path / "sent.pq")
    assert len(events.read_table(tmp_path / "sent.pq", "user_id")) == 1


def test_the_columns_say_whether_a_table_is_of_events(shop, place, tmp_path):
    assert is_log(shop / "events.csv", None)
    assert not is_log(place / "load.csv", None)
    assert is_log(place / "load.csv", ["freq=h", "user_id=shop"])
    pd.read_csv(shop / "events.csv").to_parquet(tmp_path / "log.parquet")
    assert is_log(tmp_path / "log.parquet", None)
    (tmp_path / "torn.parquet").write_bytes(b"PAR1")
    assert not is_log(tmp_path / "torn.parquet", None)
