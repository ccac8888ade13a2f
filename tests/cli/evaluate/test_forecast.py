"""`tsgen evaluate forecast`: one file, a run, cells beside it, and sentences for what is wrong."""

import json

import pytest
from typer.testing import CliRunner

from tsgen.cli.main import app
from tsgen.cli.outputs import ExitCode
from tsgen.data import simulate_series, write_series
from tsgen.evaluation import StudyResult
from tsgen.interruption import Ended

STUDY = """
data = "load"
prediction_length = 6
num_windows = 2
seeds = [1, 2]
[forecasters.naive]
estimator = "seasonal_naive"
[arms.real]
[arms.mixing]
method = "mixing"
"""


@pytest.fixture
def place(tmp_path):
    write_series(simulate_series(num_series=3, length=72, seed=1), tmp_path / "load.csv")
    (tmp_path / "study.toml").write_text(STUDY)
    return tmp_path


def run(place, *words, study="study.toml"):
    words = ["evaluate", "forecast", place / study, "-o", place / "run", "--data", place, *words]
    return CliRunner().invoke(app, [str(word) for word in words])


def test_it_writes_a_run_and_goes_on_from_its_cells(place):
    first = run(place, "--json")
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert len(told["table"]) == 6
    assert StudyResult.load(place / "run").answer == told["answer"]
    assert first.stderr.count("naive, real, seed") == 2
    assert len(list((place / "run.cells").glob("*.json"))) == 4
    again = run(place, "--json", "--overwrite")
    assert again.exit_code == 0
    assert json.loads(again.stdout)["table"] == told["table"]
    assert "seed" not in again.stderr  # nothing was computed


def test_what_is_wrong_is_said_in_one_sentence(place):
    (place / "bad.toml").write_text(STUDY.replace("num_windows", "num_window"))
    result = run(place, study="bad.toml")
    assert result.exit_code == 1
    assert "no setting 'num_window'. Did you mean 'num_windows'?" in result.stderr
    (place / "other.toml").write_text(STUDY.replace('"load"', '"lood"'))
    result = run(place, study="other.toml")
    assert result.exit_code == 1
    assert "there is no lood.parquet" in result.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(OSError(28, "No space"), 1), (KeyboardInterrupt(), 130), (Ended(), 143)]
)
def test_a_run_that_cannot_be_saved_says_where_its_cells_are(place, monkeypatch, error, code):
    def stopped(*_, **__):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("pandas.DataFrame.to_csv", stopped)
        result = run(place)
    assert result.exit_code == code, result.output
    assert f"Finished cells are kept in {place / 'run.cells'}; the same command" in result.stderr
    assert not (place / "run").exists()
    again = run(place)
    assert again.exit_code == 0
    assert "seed" not in again.stderr  # nothing was computed


def failing(monkeypatch, at):
    """Let the training of some forecasters fail."""
    from tsgen.evaluation.forecast import runner as forecast_runner

    train = forecast_runner.train_forecaster

    def fail(*arguments, **options):
        calls.append(1)
        if len(calls) in at:
            raise ValueError("no luck")
        return train(*arguments, **options)

    calls = []
    monkeypatch.setattr(forecast_runner, "train_forecaster", fail)


def test_a_study_of_nothing_but_failures_leaves_no_run_and_says_how_to_go_on(place, monkeypatch):
    failing(monkeypatch, range(1, 5))
    for _ in range(2):
        result = run(place)
        assert result.exit_code == ExitCode.CELLS_FAILED, result.output
        assert "Nothing could be compared: all 4 cells failed" in result.stderr
        assert "--retry-failed" in result.stderr
        assert not (place / "run").exists()


def test_a_failed_cell_is_told_by_the_exit_code(place, monkeypatch):
    failing(monkeypatch, {2})
    result = run(place)
    assert result.exit_code == ExitCode.CELLS_FAILED, result.output
    assert "1 cells failed; the page says why" in result.stderr
    assert StudyResult.load(place / "run").facts["cells"]["failed"] == 1
    assert run(place, "--overwrite", "--allow-failures").exit_code == ExitCode.DONE


def test_impossible_settings_are_told_before_the_first_cell(place):
    text = STUDY.replace('"seasonal_naive"', '"seasonal_naive"\nsettings = { season_length = "x" }')
    (place / "impossible.toml").write_text(text)
    result = run(place, study="impossible.toml")
    assert result.exit_code == ExitCode.ERROR
    assert "'seasonal_naive' refuses its settings" in result.stderr
    assert "seed" not in result.stderr


def test_a_study_imports_nothing_of_somebody_else(place):
    (place / "theirs.toml").write_text(STUDY.replace('"seasonal_naive"', '"theirs.code:Evil"'))
    result = run(place, study="theirs.toml")
    assert result.exit_code == ExitCode.ERROR
    assert "The study asks to import theirs.code:Evil" in result.stderr
    assert "cannot be imported" in run(place, "--trust", study="theirs.toml").stderr


def test_a_bundled_sample_needs_no_folder(place):
    text = STUDY.replace('"load"', '"electricity_hourly"') + "\n"
    (place / "sample.toml").write_text("num_test_series = 4\n" + text)
    words = ["evaluate", "forecast", place / "sample.toml", "-o", place / "sampled"]
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    assert "electricity" not in result.stderr
