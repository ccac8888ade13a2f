"""`tsgen evaluate audience`: a model trained or loaded, judged, and the run that comes of it."""

import errno
import json
from pathlib import Path

import pytest

from command_line import Recorder, fail, run, succeed
from study_results import audience_result


def test_a_model_is_trained_and_judged_in_one_go(shop, tmp_path):
    words = ["evaluate", "audience", shop / "events.csv", "--set", "horizon=7D", "--seed", 1]
    result = run(*words, "-o", tmp_path / "run", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["answer"].startswith("Of 1,000 customers listed for an item (1 of 30 for each)")
    arms = {row["arm"] for row in found["table"]}
    rules = {"random", "popularity", "recency", "repeat buyers", "item-kNN"}
    assert arms == {"model", "sequence model"} | rules
    assert (tmp_path / "run" / "page.html").is_file()
    shown = run("inspect", tmp_path / "run")
    assert "a run" in shown.stdout
    again = run(*words, "-o", tmp_path / "again", "--json")
    assert again.exit_code == 0, again.output
    assert json.loads(again.stdout)["table"] == found["table"]
    dry = run(*words, "-o", tmp_path / "none", "--dry-run")
    assert json.loads(dry.stdout)["horizon"] == "7D"
    assert not (tmp_path / "none").exists()


def test_a_saved_model_is_judged_by_later_events(shop, tmp_path):
    words = ["evaluate", "audience", shop / "events.csv", "--model", shop / "model", "--seed", 1]
    late = run(*words, "-o", tmp_path / "run")
    assert late.exit_code == 1
    assert "No event lies in the test window" in late.stderr
    early = tmp_path / "early"
    trained = run("train", "rim", shop / "events.csv", "-o", early, "--at", "2024-02-20",
                  "--set", "horizon=7D", "--seed", 1)  # fmt: skip
    assert trained.exit_code == 0, trained.output
    words[words.index("--model") + 1] = early
    judged = run(*words, "-o", tmp_path / "run", "--json")
    assert judged.exit_code == 0, judged.output
    leak = run(*words, "-o", tmp_path / "leak", "--at", "2024-02-10")
    assert leak.exit_code == 1
    assert "it would be judged by what it has seen" in leak.stderr
    both = run(*words, "-o", tmp_path / "both", "--set", "horizon=3D")
    assert "--model is judged as it is" in both.stderr
    usage = run("evaluate", "audience", shop / "events.csv")
    assert usage.exit_code == 2


def test_a_run_appears_whole_or_not_at_all(shop, tmp_path, monkeypatch):
    """The disk is full when the page comes to be written."""
    monkeypatch.setattr("tsgen.evaluation.evaluate_audience", Recorder(audience_result()))
    monkeypatch.setattr("tsgen.report.page_text", lambda result: "the page")
    words = ["evaluate", "audience", shop / "events.csv", "--set", "horizon=7D", "--seed", 1]
    write = Path.write_text

    def refuse(path, *text, **options):
        if path.name == "page.html":
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(path, *text, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", refuse)
        result = run(*words, "-o", tmp_path / "run")
    assert result.exit_code == 1
    assert f"error: {tmp_path / 'run'} could not be written: No space left" in result.stderr
    assert list(tmp_path.iterdir()) == []
    again = run(*words, "-o", tmp_path / "run")
    assert again.exit_code == 0, again.output
    names = {path.name for path in (tmp_path / "run").iterdir()}
    assert names == {"page.html", "result.json", "table.csv", "arrays.npz"}


def test_an_interrupted_study_leaves_nothing_and_exits_with_130(shop, tmp_path, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("tsgen.evaluation.evaluate_audience", stop)
    result = run("evaluate", "audience", shop / "events.csv", "-o", tmp_path / "run")
    assert result.exit_code == 130
    assert "nothing was written" in result.stderr
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("own", [False, True], ids=["trained", "saved"])
def test_every_option_reaches_the_study(shop, tmp_path, monkeypatch, own):
    asked, load = Recorder(audience_result()), Recorder("the model")
    monkeypatch.setattr("tsgen.evaluation.evaluate_audience", asked)
    monkeypatch.setattr("tsgen.cli.evaluate.audience.load_model", load)
    words = ["evaluate", "audience", shop / "events.csv", "-o", tmp_path / "run", "--seed", 6]
    words += ["--at", "2024-02-20", "--num-users", 5, "--num-items", 2, "--device", "cpu"]
    more = ["--model", shop / "model", "--trust"] if own else ["--set", "horizon=9D"]
    done = succeed(*words, *more, *([] if own else ["--budget", "90s"]))
    log, judged = asked.args
    assert len(log) == 500
    if own:
        assert judged == "the model"
        assert load.calls == [((shop / "model", "rim", "cpu"), {"trust": True})]
    else:
        assert judged.horizon == "9D"
        assert not load.calls
    options = asked.kwargs
    assert (options["at"], options["num_users"], options["num_items"]) == ("2024-02-20", 5, 2)
    assert (options["seed"], options["options"].seed) == (6, 6)
    assert (options["options"].device, options["options"].budget) == ("cpu", None if own else 90)
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [
        "audiences:",
        "precision@k,",
        "over",
        "all",
        "0.2",
        "0.01",
    ] in rows  # arms in the order of the table


@pytest.mark.parametrize(
    "words", [["--set", "horizon=3D"], ["--budget", "1s"], ["--dry-run"], ["--config", "c.toml"]]
)
def test_a_saved_model_is_judged_as_it_is(shop, tmp_path, words):
    base = ["evaluate", "audience", shop / "events.csv", "-o", tmp_path / "r", "--model",
            shop / "model"]  # fmt: skip
    assert "--model is judged as it is" in fail(*base, *words)


def test_the_list_of_a_campaign_leaves_out_whom_a_file_names(shop, tmp_path):
    (tmp_path / "out.txt").write_text("nobody-1\nnobody-2\n")
    words = ["evaluate", "audience", shop / "events.csv", "-o", tmp_path / "run", "--seed", 1,
             "--set", "horizon=7D", "--set", "relevance=popularity", "--item", "tea", "--size", 5,
             "--origins", 1]  # fmt: skip
    told = fail(*words, "--exclude", tmp_path / "out.txt")
    assert "None of the 2 users to exclude is known" in told
    assert "pass --on-unknown warn" in told
    assert "no effect without --exclude" in fail(*words, "--on-unknown", "warn")
    done = succeed(*words, "--exclude", tmp_path / "out.txt", "--on-unknown", "warn")
    assert "Of 5 customers" in done.stdout
    (tmp_path / "out.txt").write_text("3.0\n[17]\n")
    done = succeed(*words, "--exclude", tmp_path / "out.txt", "--overwrite", "--json")
    facts = json.loads((tmp_path / "run" / "result.json").read_text())["facts"]
    assert facts["origins"][0]["may_be_listed"] == 28


@pytest.mark.parametrize(("few", "words", "judged"), [
    (2_000, [], True), (29, [], False), (29, ["--sequence-model"], True),
    (2_000, ["--no-sequence-model"], False),
])  # fmt: skip
def test_a_sequence_model_is_judged_where_users_are_few_or_one_asks(
    shop, tmp_path, monkeypatch, few, words, judged
):
    asked = Recorder(audience_result())
    monkeypatch.setattr("tsgen.evaluation.evaluate_audience", asked)
    monkeypatch.setattr("tsgen.cli.evaluate.audience._FEW_USERS", few)
    done = succeed("evaluate", "audience", shop / "events.csv", "-o", tmp_path / "run", *words)
    assert asked.kwargs["sequence_model"] is judged
    assert ("no sequence model is judged" in done.stderr) == (few == 29 and not words)
