"""`tsgen batch allocate`: the contacts of `tsgen allocate`, and all that goes with them."""

import json

import pandas as pd
import pytest

from command_line import answer, fail, succeed
from tsgen.allocation import CampaignPrices

CAMPAIGNS = """
max_campaigns = 2
[[campaigns]]
name = "drinks"
items = ["tea"]
at_most = 8
exclude = "optout.txt"
[[campaigns]]
name = "agents"
items = ["007"]
value = 2.0
cost = 0.25
budget = 1.0
holdout = 0.5
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "campaigns.toml").write_text(CAMPAIGNS)
    (tmp_path / "optout.txt").write_text("3\n17\n")
    (tmp_path / "nobody.txt").write_text("5\n6\n")
    lines = "user_id,timestamp\n9,2024-02-28 12:00\n9,2024-02-28 13:00\n"
    (tmp_path / "contacts.csv").write_text(lines)
    return tmp_path


def words(shop, log, folder, out):
    return [shop / "model", log, "--campaigns", folder / "campaigns.toml", "-o", folder / out,
            "--exclude", folder / "nobody.txt", "--contacts", folder / "contacts.csv",
            "--set", "max_contacts=2", "--jobs", 1]  # fmt: skip


def test_all_is_written_as_allocate_writes_it(shop, log, folder):
    beside = ["--holdouts", folder / "held.csv", "--summary", folder / "summary.csv",
              "--prices", folder / "prices.json", "--memory", "100MB"]  # fmt: skip
    facts = answer("batch", "allocate", *words(shop, log, folder, "b.parquet"), *beside)
    assert facts["rows"] == len(pd.read_parquet(folder / "b.parquet"))
    assert [row["campaign"] for row in facts["summary"]] == ["drinks", "agents"]
    assert CampaignPrices.load(folder / "prices.json").names == ["drinks", "agents"]
    alone = ["allocate", shop / "model", folder / "campaigns.toml", "-o", folder / "a.parquet"]
    alone += [*words(shop, log, folder, "")[6:-2], "--events", log]
    succeed(*alone, "--holdouts", folder / "h.csv", "--summary", folder / "s.csv")
    for one, other in (("b.parquet", "a.parquet"), ("held.csv", "h.csv"), ("summary.csv", "s.csv")):
        read = pd.read_parquet if one.endswith("parquet") else pd.read_csv
        a, b = read(folder / one), read(folder / other)
        pd.testing.assert_frame_equal(a, b, rtol=1e-5)


def test_the_answer_and_the_rows_are_said(shop, log, folder):
    result = succeed("batch", "allocate", *words(shop, log, folder, "b.csv"))
    text = result if isinstance(result, str) else result.stdout
    assert "12 contacts of" in text
    assert "b.csv: 12 rows of" in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--summary", "taken.csv"], "exists already"),
        (["--summary", "x.csv", "--holdouts", "x.csv"], "Two outputs have one name"),
        (["--set", "max_contact=1"], "max_contacts"),
        (["--solver", "best"], "--solver best is not possible"),
    ],
)
def test_mistakes_get_one_sentence(shop, log, folder, monkeypatch, more, said):
    monkeypatch.chdir(folder)
    (folder / "taken.csv").write_text("mine")
    assert said in fail("batch", "allocate", *words(shop, log, folder, "b.csv"), *more)
    assert (folder / "taken.csv").read_text() == "mine"
    assert json.dumps([str(p.name) for p in folder.glob("b.csv")]) == "[]"
