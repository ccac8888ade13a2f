"""`tsgen augment --auto`, `--by` and `--use`: what they write, say and refuse."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tsgen.cli.main import app
from tsgen.curation import RoundPlan
from tsgen.curation.choosing import budget, rounds
from tsgen.data import MultivariateDataset, read_series, simulate_series, write_series


@pytest.fixture(autouse=True)
def _small_plans_in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(budget, "_PLANS", (RoundPlan((1, 1, 2), (1, 1, 1), (2, 1), 40),))
    write_series(simulate_series(num_series=6, length=130, seed=1), "load.csv")


def run(*words):
    return CliRunner().invoke(app, ["augment", "load.csv", *words])


def test_a_choice_is_written_with_its_page_and_used_again():
    options = ["--prediction-length", "6", "--candidate", "mixing", "--candidate", "jitter"]
    done = run("--auto", *options, "--budget", "10min", "--seed", "1", "-o", "out.parquet",
               "--run", "runs/choice", "--save", "choice", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    facts = json.loads(done.stdout)
    assert facts["answer"].startswith(("Use it", "Do not add series"))
    written = read_series("out.parquet")
    assert (len(written) > 6) == (facts["chosen"] is not None)
    page = Path("runs/choice/page.html").read_text(encoding="utf-8")
    assert facts["answer"][:30] in page
    assert "mixing 50 %" in page
    assert not list(Path().glob("out.parquet.cells"))
    again = run("--use", "choice", "-o", "again.csv", "--seed", "2")
    assert again.exit_code == 0, again.output


def test_what_is_interrupted_while_it_is_written_says_where_the_parts_are(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    words = ["--auto", "--prediction-length", "6", "--candidate", "jitter", "-o", "out.csv"]
    with monkeypatch.context() as patch:
        patch.setattr("tsgen.data.write_series", interrupted)
        done = run(*words, "--budget", "10min", "--seed", "1")
    assert done.exit_code == 130
    assert "Finished cells are kept in out.csv.cells; the same command goes on" in done.stderr
    Path("out.csv.cells/notes.txt").write_text("mine")
    assert run(*words, "--budget", "10min", "--seed", "1").exit_code == 0
    assert [path.name for path in Path("out.csv.cells").iterdir()] == ["notes.txt"]


def test_a_forecaster_of_a_name_judges_the_last_few():
    options = ["--prediction-length", "6", "--candidate", "mixing", "--forecaster"]
    done = run("--auto", *options, "seasonal_naive", "--budget", "10min", "--seed", "1",
               "-o", "out.parquet", "--json")  # fmt: skip
    assert done.exit_code == 0, done.output
    judged = {row["forecaster"] for row in json.loads(done.stdout)["table"]}
    assert "yours" in judged


def test_an_interrupted_command_goes_on_and_leaves_nothing_behind(monkeypatch):
    from pathlib import Path

    calls, train = [], rounds.train_stack

    def stopping(*args, **kwargs):
        calls.append(len(args[0]))
        if len(calls) == 2:
            raise KeyboardInterrupt
        return train(*args, **kwargs)

    monkeypatch.setattr(rounds, "train_stack", stopping)
    words = ["--auto", "--prediction-length", "6", "--candidate", "mixing", "--candidate", "jitter",
             "--budget", "10min", "-o", "out.csv"]  # fmt: skip
    stopped = run(*words)
    assert stopped.exit_code == 130
    assert "finished parts are kept in out.csv.cells" in stopped.stderr
    assert not Path("out.csv").exists()
    done = run(*words)
    assert done.exit_code == 0, done.output
    assert len(calls) == 2 + 2  # the one that was stopped, and the last round's
    assert not list(Path().glob("*.cells"))


def test_features_and_channels_are_refused_in_a_sentence():
    table = read_series("load.csv").to_frame()
    table.assign(promo=1.0 * (table.index % 7 == 0)).to_csv("promo.csv", index=False)
    write_series(MultivariateDataset.of_panel(read_series("load.csv")), "panel")
    options = ["--auto", "--prediction-length", "6", "-o", "out.csv"]
    for words, message in (
        (["promo.csv", "--read", "dynamic=promo"], r"features that change in time (promo)"),
        (["panel"], "6 channels; a choice is made for univariate series. Give every channel as"),
    ):
        done = CliRunner().invoke(app, ["augment", *words, *options])
        assert done.exit_code == 1
        assert message in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["-o", "out.csv"], "Give one of MODEL, --by, --auto and --use"),
        (["--auto", "-o", "out.csv"], "--auto needs --prediction-length"),
        (
            ["--auto", "--prediction-length", "6", "--forecaster", "deepr", "-o", "o.csv"],
            "Did you mean 'deepar'",
        ),
        (["--by", "mixing", "--forecaster", "tide", "-o", "out.csv"], "without --auto"),
        (["--by", "mixing"], "Say where the result goes"),
        (["--by", "psa-gan", "-o", "out.csv"], "has to be trained"),
        (["--by", "mixin", "-o", "out.csv"], "Did you mean 'mixing'"),
        (["--auto", "--prediction-length", "60", "-o", "out.csv"], "Too short to judge"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(words, message):
    done = run(*words)
    assert done.exit_code == 1
    assert message in done.stderr
