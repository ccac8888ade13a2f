"""What "what changed" says brings back a former default is there, and does it."""

import inspect
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.main import get_command

import tsgen
from small_shop import ITEMS, QUIET, USERS, log
from tsgen.allocation import Plan
from tsgen.cli.main import app
from tsgen.data import simulate_series
from tsgen.errors import DataError, DataWarning
from tsgen.evaluation import evaluate_forecast
from tsgen.evaluation.studies import run_study
from tsgen.memory import memory_limit
from tsgen.psagan import PSAGANEstimator, PSAGANForecastEstimator, PSAGANPredictor
from tsgen.psagan.conditional.table import forecast_table

PAGE = Path(__file__).parent.parent / "docs" / "changes.md"
ROWS = [
    [cell.strip() for cell in line.strip("| ").split(" | ")]
    for line in PAGE.read_text("utf-8").splitlines()
    if line.startswith("| ") and "---" not in line
][1:]

GAN, RIM = tsgen.PSAGANSynthesizer, tsgen.RIMEstimator
EVENTS, SERIES = tsgen.Interactions.from_frame, tsgen.to_dataset
TAKEN_BY = {  # what moved -> calls that take the arguments, verbs that take the flags
    "grain of samples": [GAN.sample, tsgen.augment, "sample", "augment"],
    "fills of PSA-GAN-C": [PSAGANPredictor.impute],
    "paths of PSA-GAN-C": [PSAGANPredictor.predict, forecast_table, "forecast"],
    "hours at rest": [
        GAN.sample, tsgen.augment, PSAGANPredictor.predict, PSAGANPredictor.impute, "sample",
        "augment", "forecast",
    ],
    "gaps of samples": [GAN.sample, tsgen.augment],
    "draws of a seed": [PSAGANPredictor.with_seed],
    "seed of `predict`, `impute` and tables of forecasts that name none": [
        PSAGANPredictor.predict, PSAGANPredictor.impute, forecast_table, PSAGANPredictor.with_seed,
        "forecast", "impute",
    ],
    "activity of RIM": [RIM],
    "relevance of RIM": [RIM],
    "pairs of RIM": [RIM],
    "network of pairs of RIM": [RIM, "train rim"],
    "Hawkes time scales": [RIM],
    'horizons that "hawkes-poisson" learns from, as one of the models of `activity="auto"`': [
        RIM, "train rim",
    ],
    "events of the training log": [RIM, "train rim"],
    "cut-off of logs by day or month": [RIM.train],
    "opt-out lists of which nobody is known": [
        tsgen.RIMModel.audience, Plan, "audience",
    ],
    "classes of others in models and studies": [
        tsgen.load, evaluate_forecast, run_study, "audience", "evaluate forecast", "evaluate study",
    ],
    "failed cells of a study": ["evaluate forecast", "evaluate study"],
    "`choose_augmentation`, `tsgen augment --auto`": [tsgen.choose_augmentation],
    "`tsgen evaluate audience`": ["evaluate audience"],
    "what does not fit into the free memory": [memory_limit, "sample", "train rim", "audience"],
    "noise of PSA-GAN": [GAN.with_noise_scale],
    "noise of fills (PSA-GAN-C)": [],
    "forecasts and fills of PSA-GAN-C, newly trained": [PSAGANForecastEstimator],
    "width of paths of PSA-GAN-C": [PSAGANForecastEstimator, "train psa-gan-c"],
    'activities of `activity="auto"`': [RIM],
    "past horizons that pairs are learnt from, where a horizon is less than a third of a week": [
        RIM
    ],
    'what `activity="auto"` learns, for horizons of a day or more': [RIM],
    'what `activity="auto"` learns, for horizons of a day to two weeks': [RIM],
    "popular items of RIM": [RIM],
    "items of the training table without events": [RIM],
    "users without events, in a table of users": [RIM],
    "`source_item_id` in `to_frame()`": [tsgen.to_frame, tsgen.SeriesDataset.to_frame],
    "whole numbers such as 2024 or 202401 as times of events": [EVENTS],
    "work above five seconds in captured output": [tsgen.TrainingOptions],
    "noise of PSA-GAN with several channels, closed hours or features": [GAN.with_noise_scale],
    "features that change in time": [SERIES, tsgen.augment],
}  # fmt: skip


def verbs(command=None, path=()):
    command = command or get_command(app)
    if not hasattr(command, "commands"):
        yield " ".join(path), {o for p in command.params for o in (*p.opts, *p.secondary_opts)}
        return
    for name, inner in command.commands.items():
        yield from verbs(inner, (*path, name))


FLAGS = dict(verbs())


def options_of(remedy):
    """The arguments, calls and flags that a cell of the table names."""
    spans = re.findall("`([^`]*)`", remedy)
    code = " ".join(span for span in spans if not span.startswith("--"))
    calls = {name.rpartition(".")[2] for name in re.findall(r"([\w.]+)\(", code)}
    flags = {flag for span in spans for flag in re.findall(r"--[a-z-]+", span)}
    return set(re.findall(r"(?<![\w.])(\w+)=", code)), calls, flags


def names_of(call):
    return set(getattr(call, "model_fields", ())) | set(inspect.signature(call).parameters)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_option_that_brings_a_default_back_is_there(row):
    moved, _, remedy = row
    arguments, calls, flags = options_of(remedy)
    if moved not in TAKEN_BY:
        assert not arguments | calls | flags, "say in TAKEN_BY who takes it"
        return
    takers = TAKEN_BY[moved]
    for verb in (taker for taker in takers if isinstance(taker, str)):
        assert flags, moved
        assert flags <= FLAGS[verb], verb
    takers = [taker for taker in takers if not isinstance(taker, str)]
    for taker in takers:
        assert arguments <= names_of(taker) or taker.__name__ in calls, taker
    assert calls <= {taker.__name__ for taker in takers}


def test_every_row_that_is_looked_up_stands_on_the_page():
    assert set(TAKEN_BY) <= {row[0] for row in ROWS}
    assert all(len(row) == 3 for row in ROWS)


@pytest.fixture(scope="module")
def closed():
    """Whole numbers by the hour, of a shop that closes at six in the evening."""
    table = simulate_series(num_series=4, length=240, seed=5).to_frame()
    table["target"] = table["target"].round()
    table.loc[table["timestamp"].dt.hour >= 18, "target"] = np.nan
    return SERIES(table)


@pytest.fixture(scope="module")
def gan(closed):
    estimator = PSAGANEstimator(target_length=16, num_steps=6, batch_size=8, channels=(4, 4))
    return estimator.train(closed, options=tsgen.TrainingOptions(seed=1, progress=False))


@pytest.fixture(scope="module")
def predictor(closed):
    estimator = PSAGANForecastEstimator(
        prediction_length=24, target_length=16, context_length=24, num_steps=6, batch_size=8,
        channels=(4, 4),
    )  # fmt: skip
    return estimator.train(closed, options=tsgen.TrainingOptions(seed=1, progress=False))


def test_samples_have_a_value_at_every_hour_and_no_grid_as_before(gan, closed):
    def values(**options):
        return gan.sample(4, like=closed, length=48, seed=2, **options).values

    new = values()
    assert np.isnan(new).any()
    assert (new[~np.isnan(new)] % 1 == 0).all()
    before = values(constraints=None, missing="none")
    assert np.isfinite(before).all()
    assert (before % 1 != 0).mean() > 0.9


@pytest.mark.filterwarnings("ignore:.*steps ahead of")
def test_fills_and_paths_are_as_drawn_as_before(predictor, closed):
    with pytest.warns(DataWarning, match="copies are the series themselves"):
        assert np.isnan(predictor.impute(closed, seed=2).values).any()
    filled = predictor.impute(closed, constraints=None, seed=2)
    assert np.isfinite(filled.values).all()
    predictor.fill_noise = 1.0
    assert predictor.fill_noise == 1.0
    (drawn, *_) = predictor.predict(closed, constraints=None, seed=2)
    assert (drawn.samples % 1 != 0).mean() > 0.9
    twice = [next(iter(predictor.with_seed(7).predict(closed))).samples for _ in "ab"]
    np.testing.assert_array_equal(*twice)
    fresh = [next(iter(predictor.predict(closed))) for _ in "ab"]
    assert fresh[0].info["seed"] != fresh[1].info["seed"]


def test_a_rim_of_former_defaults_trains_and_keeps_no_events():
    events = EVENTS(log(), users=USERS, items=ITEMS)
    former = RIM(
        horizon="7D", activity="hawkes-poisson", relevance="popularity", repeats="mixture",
        scale_support=0, num_windows=1, new_items="equal", new_users="none", keep_events=False,
        pairs={"hidden_size": 32},
    )  # fmt: skip
    model = former.train(events, at="2024-02-20", options=QUIET)
    assert model.cutoff == pd.Timestamp("2024-02-20", tz="UTC")
    with pytest.raises(DataError, match="keeps no events"):
        model.update(events)
    listed = pytest.warns(DataWarning, match="nobody")
    with pytest.raises(DataError, match="on_unknown"):
        model.audience(100, size=5, exclude=["nobody"])
    with listed:
        assert len(model.audience(100, size=5, exclude=["nobody"], on_unknown="warn")) == 5


def test_years_as_times_are_read_and_features_refused_as_before():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": [1, 2], "timestamp": [202401, 202402]})
    with pytest.raises(DataError, match="date_format"):
        EVENTS(table)
    assert EVENTS(table, date_format="%Y%m").user.size == 2
    with pytest.raises(DataError, match="dynamic"):
        SERIES(
            [{"start": "2024-01-01", "target": [1.0, 2.0], "feat_dynamic_real": [[0.0, 1.0]]}],
            freq="D", dynamic_features="error",
        )  # fmt: skip


def test_frames_of_samples_have_their_source_as_before(gan, closed):
    made = gan.sample(1, like=closed, seed=1)
    assert "source_item_id" not in tsgen.to_frame(made)
    assert "source_item_id" in tsgen.to_frame(made, provenance=True)


def test_what_is_refused_for_its_size_is_allowed_by_a_limit(gan):
    with memory_limit("1KB"), pytest.raises(tsgen.TsgenError, match="limit asked for"):
        gan.sample(100, length=2000, seed=1)
    with memory_limit("64GB"):
        assert len(gan.sample(2, length=20, seed=1)) == 2
