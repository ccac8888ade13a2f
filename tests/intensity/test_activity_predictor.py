import numpy as np
import pandas as pd
import pytest
from gluonts.dataset.split import split
from gluonts.ev.metrics import MASE, MeanWeightedSumQuantileLoss
from gluonts.model import Predictor, SampleForecast, evaluate_model
from scipy.stats import nbinom

from daily_shop import naive, shop
from tsgen import Interactions, RIMEstimator
from tsgen.errors import DataError, SettingsError
from tsgen.intensity import ForecasterActivity


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


def test_a_table_of_counts_is_forecast_as_the_dataset_it_means():
    model, events = trained()
    predictor, counts = model.activity_predictor("D"), events.activity_dataset("D")
    of_table = list(predictor.predict(counts.to_frame()))
    assert len(of_table) == len(counts)
    for one, other in zip(of_table, predictor.predict(counts), strict=True):
        assert one.item_id == other.item_id
        np.testing.assert_array_equal(one.forecast_array, other.forecast_array)


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
    for number in (0, -3, 2.5):
        with pytest.raises(SettingsError, match=f"num_samples={number} is not possible; give a"):
            next(predictor.predict([entry], num_samples=number))
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
