import json

import pandas as pd
import pytest

import tsgen.allocation
from command_line import Recorder, run, succeed
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


@pytest.fixture(scope="module", autouse=True)
def campaign_files(shop):
    (shop / "campaigns.toml").write_text(CAMPAIGNS)
    (shop / "optout.txt").write_text("3\n17\n")
    (shop / "nobody.txt").write_text("5\n6\n")


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_an_allocation_is_written_with_all_that_goes_with_it(shop, tmp_path, suffix):
    contacts = tmp_path / "contacts.csv"
    contacts.write_text("user_id,timestamp\n9,2024-02-28 12:00\n9,2024-02-28 13:00\n")
    words = ["allocate", shop / "model", shop / "campaigns.toml", "-o", tmp_path / f"out{suffix}",
             "--exclude", shop / "nobody.txt", "--contacts", contacts, "--set", "max_contacts=2",
             "--holdouts", tmp_path / "held.csv", "--summary", tmp_path / "summary.csv",
             "--prices", tmp_path / "prices.json", "--solver", "dual"]  # fmt: skip
    result = run(*words)
    assert result.exit_code == 0, result.output
    read = {".csv": pd.read_csv, ".parquet": pd.read_parquet,
            ".jsonl": lambda path: pd.read_json(path, lines=True)}[suffix]  # fmt: skip
    table = read(tmp_path / f"out{suffix}")
    assert table["campaign"].value_counts().to_dict() == {"drinks": 8, "agents": 4}
    assert not set(table["user_id"]) & {5, 6, 9}
    assert not set(table.loc[table["campaign"] == "drinks", "user_id"]) & {3, 17}
    assert set(pd.read_csv(tmp_path / "held.csv")["campaign"]) == {"agents"}
    assert pd.read_csv(tmp_path / "summary.csv")["users"].tolist() == [8, 4]
    assert CampaignPrices.load(tmp_path / "prices.json").names == ["drinks", "agents"]
    assert "12 contacts of" in result.stdout
    if suffix == ".parquet":
        assert table.attrs["tsgen"]["solver"] == "dual"
    again = run(*words)
    assert again.exit_code == 1
    assert "exists already" in again.stderr


def test_every_option_reaches_the_allocation(shop, tmp_path, monkeypatch):
    allocate, events = tsgen.allocation.allocate, pd.read_csv(shop / "events.csv")
    model, asked = tsgen.load(shop / "model"), Recorder()
    asked.answer = allocate(model, [{"name": "drinks", "items": ["tea"], "at_most": 3}])
    monkeypatch.setattr("tsgen.allocation.allocate", asked)
    events[:400].to_csv(tmp_path / "newer.csv", index=False)
    events[:40].assign(value=2.5).to_csv(tmp_path / "spend.csv", index=False)
    (tmp_path / "users.csv").write_text("user_id,sex\n1,f\n2,m\n")
    succeed("allocate", shop / "model", shop / "campaigns.toml", "--set", "max_campaigns=1",
            "--events", tmp_path / "newer.csv", "--spend", tmp_path / "spend.csv",
            "--users", tmp_path / "users.csv",
            "--at", "2024-04-01", "--seed", 4, "--solver", "dual")  # fmt: skip
    rim, plan = asked.args
    assert rim.summary == model.summary
    assert plan.max_campaigns == 1
    options = dict(asked.kwargs)
    assert len(options.pop("events")) == 400
    assert options.pop("users")["sex"].tolist() == ["f", "m"]
    assert options.pop("spend").value.tolist() == [2.5] * 40
    assert options == {
        "exclude": None, "contacts": None, "at": "2024-04-01", "solver": "dual", "seed": 4,
    }  # fmt: skip


def test_the_result_goes_to_stdout_and_the_words_to_stderr(shop):
    result = run("allocate", shop / "model", shop / "campaigns.toml", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["rows"] == len(found["contacts"]) == 12
    assert found["facts"]["counts"]["users"] == 30
    result = run("allocate", shop / "model", shop / "campaigns.toml", "--set", "max_campaigns=1")
    assert result.stdout.splitlines()[0].startswith("user_id,campaign,rank,")
    assert "limited by its greatest size, " in result.stderr


@pytest.mark.parametrize(
    ("text", "words", "message"),
    [
        ("at_mots = 8", [], "campaign 1 (drinks): Campaign has no setting 'at_mots'. Did you mean"),
        ("at_most = 8\nat_least = 31", [], "the minimum is above the maximum"),
        ("at_least = 31", [], "Campaign 'drinks' needs at least 31 users, but 28 may be in it"),
        ("at_most = ", [], "is not valid"),
        ("at_most = 8", ["--set", "max_campain=3"], "Did you mean 'max_campaigns'?"),
        ("at_most = 8", ["--solver", "best"], "--solver best is not possible"),
        ("at_most = 8", ["-o", "out.xlsx"], "is of an unknown kind"),
        ("at_most = 8", ["-o", "a.csv", "--summary", "a.csv"], "Two outputs have one name"),
    ],
)
def test_bad_input_is_one_line(shop, tmp_path, text, words, message):
    path = shop / "other.toml"
    path.write_text(CAMPAIGNS.replace("at_most = 8", text))
    result = run("allocate", shop / "model", path, *words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_plan_is_judged_before_and_after(shop, tmp_path):
    words = ["evaluate", "allocation", shop / "events.csv", shop / "campaigns.toml",
             "-o", tmp_path / "before", "--seed", 1,
             "--set", "horizon=7D", "--set", "relevance=popularity"]  # fmt: skip
    result = run(*words)
    assert result.exit_code == 0, result.output
    assert "in hindsight at most" in result.stdout
    assert (tmp_path / "before" / "page.html").is_file()
    later = pd.read_csv(shop / "events.csv")
    times = pd.to_datetime(later["timestamp"]) + pd.Timedelta("61D")
    pd.concat([later, later.assign(timestamp=times.astype(str))]).to_csv(
        tmp_path / "later.csv", index=False
    )
    result = run("allocate", shop / "model", shop / "campaigns.toml", "--set", "holdout=0.3",
                 "-o", tmp_path / "sent.parquet", "--holdouts", tmp_path / "held.parquet",
                 "--run", tmp_path / "plan")  # fmt: skip
    assert result.exit_code == 0, result.output
    assert (tmp_path / "plan" / "page.html").is_file()
    words = ["evaluate", "uplift", tmp_path / "later.csv", shop / "campaigns.toml"]
    words += ["--contacts", tmp_path / "sent.parquet", "--holdouts", tmp_path / "held.parquet"]
    result = run(*words, "-o", tmp_path / "after")
    assert result.exit_code == 0, result.output
    assert "no ranking by uplift" in result.stdout
    result = run(*words, "-o", tmp_path / "again", "--begin", "2024-01-15")
    assert result.exit_code == 1
    assert "lies after the campaign began" in result.stderr
    runs = [tmp_path / name for name in ("plan", "before", "after")]
    result = run("report", *runs, "-o", tmp_path / "page.html")
    assert result.exit_code == 0, result.output


def test_a_campaign_keeps_a_share_of_a_group_of_a_table(shop, tmp_path):
    plan = ["[[campaigns]]", 'name = "a"', 'items = ["tea"]', "at_most = 9"]
    demand = ['facet = "sex=f"', "min_share = 0.6"]
    (tmp_path / "plan.toml").write_text("\n".join(plan + demand))
    people = pd.DataFrame({"user_id": range(30), "sex": ["f", "m", "m"] * 10})
    people.to_csv(tmp_path / "users.csv", index=False)
    words = ["allocate", shop / "model", tmp_path / "plan.toml", "-o", tmp_path / "out.csv"]
    done = succeed(*words, "--users", tmp_path / "users.csv", "--run", tmp_path / "run")
    assert "Demands about groups: " in done.stdout
    assert (pd.read_csv(tmp_path / "out.csv")["user_id"] % 3 == 0).sum() >= 6
    assert "Contacts without demands" in (tmp_path / "run" / "page.html").read_text()
    refused = run(*words, "--overwrite")
    assert refused.exit_code == 1
    assert "give --users" in refused.stderr
