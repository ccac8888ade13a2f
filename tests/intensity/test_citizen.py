"""RIM and GluonTS: a forecaster as the activity, the activity as a predictor, and agreement."""

import warnings

import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.split import split
from gluonts.ev.metrics import MASE, MeanWeightedSumQuantileLoss
from gluonts.model import Predictor, QuantileForecast, SampleForecast, evaluate_model
from gluonts.model.seasonal_naive import SeasonalNaivePredictor
from gluonts.model.trivial.constant import ConstantValuePredictor
from gluonts.model.trivial.identity import IdentityPredictor
from scipy.stats import nbinom

import tsgen
from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.errors import DataError, SettingsError
from tsgen.intensity import ForecasterActivity, agreement

DAY = 86_400_000_000


def naive(length=7, season=7):
    return SeasonalNaivePredictor(prediction_length=length, season_length=season)


def shop(seed=0, num_users=12, days=42, zone=None):
    """A log of busy and idle users, whole days from a Monday on, its last moment observed."""
    random = np.random.default_rng(seed)
    counts = random.poisson(random.gamma(1.0, 1.0, num_users)[:, None], (num_users, days))
    user, day = (np.repeat(codes.ravel(), counts.ravel()) for codes in np.indices(counts.shape))
    hours = day * 24 + random.uniform(0, 24, len(day))
    stamps = pd.Timestamp("2024-03-04") + pd.to_timedelta(hours, "h")
    table = pd.DataFrame({"user_id": user, "item_id": random.integers(0, 4, len(day))})
    table["user_id"] = "u" + table["user_id"].astype(str).str.zfill(2)
    if zone:
        stamps = stamps.tz_localize("UTC").tz_convert(zone)
    return Interactions.from_frame(table.assign(timestamp=stamps), on_duplicate="keep")


def fitted(forecaster, events, at, horizon=7, **options):
    activity = ForecasterActivity(forecaster, **options)
    cut = events.read_time(at)
    histories = Histories.of(events.before(at), cut)
    return activity.fit(histories, horizon * DAY), histories


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_activity_is_the_mean_forecast_added_up_over_the_horizon(zone):
    """With a seasonal naive forecaster: the events of the week before, clocks changed or not."""
    events = shop(zone=zone)
    for at in ("2024-04-01", "2024-04-08"):
        model, histories = fitted(naive(), events, at)
        week = histories.events.time >= events.read_time(pd.Timestamp(at) - pd.Timedelta("7D"))
        last = np.bincount(histories.events.user[week], minlength=events.num_users)
        found = model.intensity(model.state(histories))
        np.testing.assert_allclose(found, last, atol=1e-9)


def test_a_request_within_a_period_counts_shares_of_the_time():
    """At noon: half of the day that has begun, six whole ones, half a day at the mean rate."""
    events = shop()
    model, histories = fitted(naive(), events, "2024-04-08 12:00")
    series = model.series(histories)
    assert series.timestamps(0)[-1] == pd.Timestamp("2024-04-07")
    for row in range(len(histories)):
        week = series.series(row)[-7:]
        expected = week[0] / 2 + week[1:].sum() + week.mean() / 2
        assert model.intensity(model.state(histories))[row] == pytest.approx(expected)


def test_time_that_passes_without_events_moves_along_the_forecast():
    events = shop()
    model, histories = fitted(naive(length=10), events, "2024-04-08")
    state = model.state(histories)
    weeks = np.stack([model.series(histories).series(k)[-7:] for k in range(len(histories))])
    forecast = np.concatenate([weeks, weeks[:, :3]], axis=1)
    later = model.intensity(state, 3 / 7)
    np.testing.assert_allclose(later, forecast[:, 3:].sum(axis=1))
    beyond = model.intensity(state, np.full(len(state), 20.0))
    np.testing.assert_allclose(beyond, 7 * forecast.mean(axis=1))


def test_series_start_with_the_log_or_with_the_first_event():
    events = shop()
    for start in ("log", "first"):
        model, histories = fitted(naive(), events, "2024-03-11", start=start)
        wanted = events.activity_dataset("D", start="log", until="2024-03-11")
        series = model.series(histories)
        for row in range(len(histories)):
            whole = wanted.series(row)
            begin = np.flatnonzero(whole)[:1] if start == "first" else [0]
            begin = begin[0] if len(begin) else len(whole) - 1
            assert series.series(row).tolist() == whole[begin:].tolist()


def test_requests_of_one_user_at_several_times_know_their_own_past():
    events = shop()
    model, _ = fitted(naive(), events, "2024-04-08")
    users = np.array([3, 3, 5])
    at = np.array([events.read_time(t) for t in ("2024-03-18", "2024-04-01 06:00", "2024-03-18")])
    together = model.state(Histories.of(events, at, users))
    for row in range(3):
        alone = model.state(Histories.of(events, at[row : row + 1], users[row : row + 1]))
        np.testing.assert_allclose(together[row], alone[0])


def test_rim_takes_a_forecaster_and_is_saved_with_it(tmp_path):
    events = shop()
    estimator = RIMEstimator(horizon="7D", activity=ForecasterActivity(naive()))
    model = estimator.train(events.before("2024-04-08"), at="2024-04-08")
    model.save(tmp_path / "rim")
    again = tsgen.load(tmp_path / "rim")
    assert again.settings.activity.forecaster.endswith("SeasonalNaivePredictor")
    pd.testing.assert_frame_equal(again.audience(1, size=5), model.audience(1, size=5))
    newer = {"events": events.before("2024-04-12"), "at": "2024-04-12"}
    pd.testing.assert_frame_equal(
        again.audience(1, size=5, **newer), model.audience(1, size=5, **newer)
    )
    assert (tmp_path / "rim" / "forecaster" / "gluonts-config.json").is_file()
    again.save(tmp_path / "copy")
    assert isinstance(
        tsgen.load(tmp_path / "copy").parts.activity.predictor, SeasonalNaivePredictor
    )
    with pytest.raises(SettingsError, match="a saved model has only its name"):
        RIMEstimator(**again.settings.to_json()).train(events)


class Unsaved(SeasonalNaivePredictor):
    def serialize(self, path):
        raise NotImplementedError("no words for it")


def test_forecasters_that_do_not_fit_are_refused(tmp_path):
    events = shop()
    model = RIMEstimator(horizon="7D", activity=ForecasterActivity(Unsaved(7, 7))).train(events)
    with pytest.raises(
        SettingsError, match=r"Unsaved cannot be saved .NotImplementedError: no words"
    ):
        model.save(tmp_path / "rim")
    assert not (tmp_path / "rim").exists()
    with pytest.raises(
        SettingsError, match=r"reaches 3 steps of 'D' .3 days.*prediction_length of 7"
    ):
        RIMEstimator(horizon="7D", activity=ForecasterActivity(naive(3))).train(events)
    with pytest.raises(SettingsError, match="no GluonTS Estimator or Predictor"):
        RIMEstimator(activity=ForecasterActivity(len)).train(events)
    with pytest.raises(SettingsError, match=r"'hawks' is not possible. Did you mean 'hawkes'\?"):
        RIMEstimator(activity="hawks")
    with pytest.raises(SettingsError, match=r"has no setting 'frequency'. Did you mean 'freq'"):
        RIMEstimator(activity={"model": "gluonts", "frequency": "D"})
    with pytest.raises(SettingsError, match="start='user' is not possible"):
        ForecasterActivity(naive(), start="user")
    nothing = ConstantValuePredictor(prediction_length=7, value=float("nan"))
    with pytest.raises(DataError, match="not finite for 'u00'"):
        RIMEstimator(horizon="7D", activity=ForecasterActivity(nothing)).train(events)


class Quantiles(Predictor):
    """Gives medians alone."""

    def predict(self, dataset, **kwargs):
        for entry in dataset:
            arrays = np.zeros((1, self.prediction_length))
            yield QuantileForecast(arrays, entry["start"] + len(entry["target"]), ["0.5"])


def test_a_median_is_not_taken_for_a_mean():
    with pytest.raises(DataError, match="quantiles without a mean"):
        RIMEstimator(horizon="7D", activity=ForecasterActivity(Quantiles(7))).train(shop())


def test_global_random_numbers_are_left_alone_and_a_seed_repeats():
    class Noise(IdentityPredictor):
        def predict_item(self, item):
            samples = np.random.random((5, self.prediction_length))  # noqa: NPY002
            return SampleForecast(samples, item["start"] + len(item["target"]))

    events = shop()
    noise = Noise(prediction_length=7, num_samples=5)
    before = np.random.get_state()[1].tolist()  # noqa: NPY002
    states = []
    for seed in (1, 1, 2):
        model, histories = fitted(noise, events, "2024-04-08", seed=seed)
        states.append(model.state(histories))
    assert np.random.get_state()[1].tolist() == before  # noqa: NPY002
    assert (states[0] == states[1]).all()
    assert (states[0] != states[2]).any()


# ---- the activity as a predictor -------------------------------------------------------------


def trained(activity="moving-average", horizon="7D", **options):
    events = shop(days=56)
    model = RIMEstimator(horizon=horizon, activity=activity, **options).train(
        events, at="2024-04-15"
    )
    return model, events


@pytest.mark.parametrize(
    "activity", ["popularity", "moving-average", "hawkes-poisson", "bg-nbd", "learned"]
)
def test_a_week_of_the_predictor_is_the_intensity_of_the_week(activity):
    """Exactly, where the log has the events in the middle of the days, as the predictor takes."""
    events = shop(days=56)
    table = events.to_frame()
    table["timestamp"] = table["timestamp"].dt.normalize() + pd.Timedelta("12h")
    events = Interactions.from_frame(table, on_duplicate="keep")
    model = RIMEstimator(horizon="7D", activity=activity).train(events, at="2024-04-15")
    predictor = model.activity_predictor("D")
    past = events.activity_dataset("D", until="2024-04-15")
    forecasts = list(predictor.predict(past))
    assert [f.item_id for f in forecasts] == list(past.item_ids)
    assert {str(f.start_date) for f in forecasts} == {"2024-04-15"}
    activity = model.parts.activity.intensity(model.states.activity.astype(float))
    np.testing.assert_allclose([f.mean.sum() for f in forecasts], activity, rtol=1e-4)


def test_gluonts_evaluates_the_predictor_and_the_spread_learnt_is_better():
    model, events = trained("hawkes-poisson")
    bursts = events.to_frame().loc[lambda t: t.index.repeat(5)]
    events = Interactions.from_frame(bursts, on_duplicate="keep")
    model = RIMEstimator(horizon="7D").train(events, at="2024-04-15")
    dataset = events.activity_dataset("D", until="2024-04-22")
    _, template = split(dataset, offset=-7)
    test = template.generate_instances(7)
    metrics = [MeanWeightedSumQuantileLoss([0.1, 0.5, 0.9]), MASE()]
    plain = evaluate_model(model.activity_predictor("D"), test_data=test, metrics=metrics)
    spread = model.activity_predictor("D", events=events)
    better = evaluate_model(spread, test_data=test, metrics=metrics)
    assert np.isfinite(better.to_numpy()).all()
    name = "mean_weighted_sum_quantile_loss"
    assert better[name].iloc[0] < plain[name].iloc[0]


def test_samples_follow_the_distribution_and_a_seed_repeats_them():
    model, events = trained()
    predictor = model.activity_predictor("D", events=events)
    predictor.dispersion = np.array([-1.0, 0.5])
    past = events.activity_dataset("D", until="2024-04-15").subset([3])
    (told,) = predictor.predict(past)
    (drawn,) = predictor.predict(past, num_samples=4000, seed=1)
    (again,) = predictor.predict(past, num_samples=4000, seed=1)
    assert isinstance(drawn, SampleForecast)
    assert (drawn.samples == again.samples).all()
    assert drawn.samples.shape == (4000, 7)
    assert (drawn.samples == np.round(drawn.samples)).all()
    mean = told.mean[0]
    shape = np.exp(-1.0 + 0.5 * np.log(mean))
    assert drawn.samples.mean() == pytest.approx(mean, rel=0.1)
    assert drawn.samples.var() == pytest.approx(mean + mean**2 / shape, rel=0.2)
    for level in ("0.5", "0.9"):
        assert told.quantile(level)[0] == nbinom.ppf(float(level), shape, shape / (shape + mean))


def test_paths_follow_the_one_rule_of_randomness():
    model, events = trained()
    predictor = model.activity_predictor("D", events=events)
    past = list(events.activity_dataset("D", until="2024-04-15"))

    def paths(entries, num_samples=300, seed=2, using=predictor):
        return np.stack([f.samples for f in using.predict(entries, num_samples, seed=seed)])

    whole = paths(past)
    np.testing.assert_array_equal(paths(past[::-1])[::-1], whole)
    np.testing.assert_array_equal([paths([entry])[0] for entry in past], whole)
    np.testing.assert_array_equal(paths(past, 50), whole[:, :50])
    np.testing.assert_array_equal(paths(past, seed=None, using=predictor.with_seed(2)), whole)
    twins = [{**past[3], "item_id": name} for name in ("a", "b")]
    noise = [np.argsort(paths([twin])[0].ravel()).argsort() for twin in twins]
    assert abs(np.corrcoef(noise)[0, 1]) < 0.1
    (one,), (other,) = (list(predictor.predict(past[:1], 50)) for _ in range(2))
    assert not np.array_equal(one.samples, other.samples)
    np.testing.assert_array_equal(paths(past[:1], 50, one.info["seed"])[0], one.samples)


def test_the_predictor_is_written_and_read_by_gluonts(tmp_path):
    model, events = trained("hawkes-poisson", num_decays=5)
    predictor = model.activity_predictor("D", 10, events=events)
    predictor.serialize(tmp_path)
    again = Predictor.deserialize(tmp_path)
    past = events.activity_dataset("D")
    for told, read in zip(predictor.predict(past), again.predict(past), strict=True):
        assert (told.forecast_array == read.forecast_array).all()
        assert told.forecast_array.shape[1] == 10


def test_what_the_predictor_cannot_do_is_said():
    model, events = trained("none")
    with pytest.raises(SettingsError, match="activity='none' expects no number"):
        model.activity_predictor()
    model, events = trained()
    predictor = model.activity_predictor("D")
    entry = {"start": pd.Period("2024-01-01", "D"), "target": np.array([1.0, 2.5])}
    with pytest.raises(DataError, match=r"Entry 0 has the target 2.5 at step 1"):
        list(predictor.predict([entry]))
    with pytest.raises(DataError, match="The entries have freq='h', the predictor 'D'"):
        list(predictor.predict([{**entry, "start": pd.Period("2024-01-01", "h")}]))
    model = RIMEstimator(horizon="7D", activity=ForecasterActivity(naive())).train(events)
    with pytest.raises(SettingsError, match=r"predictor: model.parts.activity.predictor"):
        model.activity_predictor()


def test_a_predictor_of_rim_is_an_activity_of_rim():
    """The circle closes: a RIM whose activity is the forecast of another RIM's activity."""
    events = shop(days=56)
    table = events.to_frame()
    table["timestamp"] = table["timestamp"].dt.normalize() + pd.Timedelta("12h")
    events = Interactions.from_frame(table, on_duplicate="keep")
    first = RIMEstimator(horizon="7D", activity="moving-average").train(events, at="2024-04-15")
    activity = ForecasterActivity(first.activity_predictor("D"))
    second = RIMEstimator(horizon="7D", activity=activity).train(events, at="2024-04-15")
    tables = [model.audience(2, size=12).set_index("user_id") for model in (first, second)]
    pd.testing.assert_series_equal(
        tables[0]["activity"].sort_index(), tables[1]["activity"].sort_index(), rtol=1e-4
    )


# ---- agreement ---------------------------------------------------------------------------------


@pytest.mark.parametrize("repeats", ["mixture", "never"])
def test_item_sums_are_those_of_the_whole_matrix(repeats):
    events = shop(days=20)
    model = RIMEstimator(horizon="7D", repeats=repeats).train(events)
    scores = model.scores()
    dense = scores.to_frame().groupby("item_id")["score"].sum().reindex(scores.item_ids)
    for numbers in (7, 10**6):
        small = type(scores)(**{**vars(scores), "block_numbers": numbers})
        np.testing.assert_allclose(small.item_sums(), dense.fillna(0.0), rtol=1e-5)


def test_agreement_puts_users_demand_and_truth_side_by_side():
    events = shop(days=56)
    model = RIMEstimator(horizon="7D").train(events, at="2024-04-15")
    table = agreement(model, events, naive())
    assert list(table.columns) == ["item_id", "past", "intensity", "forecast", "happened"]
    frame = events.to_frame()
    days = (frame["timestamp"] - pd.Timestamp("2024-04-15")).dt.floor("D").dt.days
    for row in table.itertuples():
        own = (frame["item_id"] == row.item_id).to_numpy()
        assert row.past == (own & (days < 0)).sum()
        assert row.forecast == (own & (days < 0) & (days >= -7)).sum()
        assert row.happened == (own & (days >= 0) & (days < 7)).sum()
    total = model.scores().to_frame()["score"].sum()
    assert table["intensity"].sum() == pytest.approx(total, rel=1e-5)
    assert table["intensity"].sum() == pytest.approx(table["happened"].sum(), rel=0.25)
    early = agreement(model, events.before("2024-04-15"), naive())
    assert early["happened"].isna().all()
    assert early["forecast"].tolist() == table["forecast"].tolist()


def test_agreement_counts_nobody_who_comes_after_the_cut_off():
    frame = shop(days=56).to_frame()
    late = frame[frame["timestamp"] >= "2024-04-15"]
    crowd = [late.assign(user_id=late["user_id"] + f"+{k}") for k in range(4)]
    events = Interactions.from_frame(pd.concat([frame, *crowd]))
    model = RIMEstimator(horizon="7D").train(
        events, at="2024-04-15", options=TrainingOptions(seed=1)
    )
    table = agreement(model, events, naive()).set_index("item_id")
    for item, expected in table["intensity"].items():
        listed = model.audience(item, threshold=0.0)
        assert not listed["user_id"].str.contains("+", regex=False).any()
        assert expected == pytest.approx(listed["intensity"].sum(), rel=1e-5)
    assert model.scores().item_sums().sum() > table["intensity"].sum()


def test_a_network_of_gluonts_is_trained_on_the_activity(tmp_path):
    events, options = shop(), TrainingOptions(seed=1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Lightning's advice about workers and loggers
        from gluonts.torch import SimpleFeedForwardEstimator

        quiet = {
            "max_epochs": 1,
            "accelerator": "cpu",
            "enable_progress_bar": False,
            "enable_model_summary": False,
            "logger": False,
            "default_root_dir": str(tmp_path),
        }
        network = SimpleFeedForwardEstimator(
            prediction_length=7, num_batches_per_epoch=2, batch_size=8, trainer_kwargs=quiet
        )
        estimator = RIMEstimator(horizon="7D", activity=ForecasterActivity(network, seed=3))
        models = [estimator.train(events, options=options) for _ in range(2)]
        models[0].save(tmp_path / "rim")
        models.append(tsgen.load(tmp_path / "rim"))
        tables = [m.audience(1, size=9, events=events, at="2024-05-01") for m in models]
    assert (tables[0]["activity"] > 0).all()
    for other in tables[1:]:
        pd.testing.assert_frame_equal(other, tables[0])
