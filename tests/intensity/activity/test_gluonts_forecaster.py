import warnings

import numpy as np
import pandas as pd
import pytest
from gluonts.model import SampleForecast
from gluonts.model.seasonal_naive import SeasonalNaivePredictor
from gluonts.model.trivial.constant import ConstantValuePredictor
from gluonts.model.trivial.identity import IdentityPredictor

import tsgen
from daily_shop import DAY, naive, shop
from tsgen import RIMEstimator, TrainingOptions
from tsgen.data import Histories
from tsgen.errors import DataError, SettingsError
from tsgen.intensity import ForecasterActivity


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
