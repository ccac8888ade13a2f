"""One cell of a forecasting study: what is trained on what, by which seed, and what is kept."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest

from forecast_doubles import LENGTH, WINDOWS, Doubling, LastValue
from forecast_doubles import made_study_of as study_of
from tsgen.errors import TrainingInterruptedError
from tsgen.evaluation.forecast import runner as forecast_runner
from tsgen.evaluation.forecast import synthesizers as forecast_synthesizers
from tsgen.evaluation.forecast.cells import ForecastCell, cell_versions
from tsgen.evaluation.forecast.runner import CellRunner

pytestmark = pytest.mark.usefixtures("doubles")


class Asked(Doubling):
    """A synthesizer that notes how it is trained and asked."""

    training, draws = [], []

    def train(self, dataset, /, *, options):
        type(self).training.append((dataset, options, self.factor))
        return super().train(dataset, options=options)

    def sample_after(self, like, rows, starts, lengths, *, constraints=None, seed=None):
        type(self).draws.append((like, rows.tolist(), constraints, seed))
        return super().sample_after(like, rows, starts, lengths, constraints=constraints, seed=seed)


@pytest.fixture
def asked(monkeypatch):
    for name in ("training", "draws"):
        monkeypatch.setattr(Asked, name, [])
    return Asked


@pytest.fixture(scope="module")
def panel(make_dataset, make_series):
    return make_dataset(5 + make_series(5, 60, 0))


def runner_of(panel, study=None, models=None):
    return CellRunner(study or study_of(), panel, {"asked": Asked}, models)


def run(panel, arm="real", seed=1, study=None, **options):
    found = runner_of(panel, study, **options).run(ForecastCell(0, seed, arm, "last"))
    assert "failed" not in found, found["failed"]
    return found


# ---- what a cell says ----------------------------------------------------------------------------


def test_a_cell_says_where_it_stands_and_what_it_was_computed_with(panel):
    study = study_of(regimes=({"series": 0.6},))
    found = run(panel, "jitter", seed=2, study=study)
    assert (found["regime"], found["seed"], found["arm"], found["forecaster"]) == (
        "60 % of the series", 2, "jitter", "last",
    )  # fmt: skip
    assert found["versions"] == cell_versions()
    assert set(cell_versions()) == {"tsgen", "gluonts", "torch"}
    assert found["series_trained_on"] == 6
    assert found["cpu_seconds"] >= 0
    json.dumps(found, allow_nan=False)


def test_the_numbers_are_those_of_the_forecasts_against_the_truth(panel):
    found = run(panel)
    truth = np.array([panel.series(i)[-12:].reshape(2, 6) for i in range(5)])
    assert found["series"]["count"] == [12.0] * 5
    np.testing.assert_allclose(
        found["series"]["absolute_label"], np.abs(truth).sum(axis=(1, 2)), rtol=1e-6
    )
    loss = sum(found["series"]["quantile_loss"]) / sum(found["series"]["absolute_label"])
    assert found["metrics"]["mean_weighted_quantile_loss"] == pytest.approx(loss, rel=1e-5)
    entries = LastValue.tasks
    assert len(entries) == 10  # each series' windows, one after another
    for place, entry in enumerate(entries):
        i, window = divmod(place, WINDOWS)
        np.testing.assert_allclose(entry["target"], panel.series(i)[: 48 + window * LENGTH])


def test_arms_are_asked_the_same_questions_and_other_data_other_ones(panel):
    kept = {run(panel, arm, seed)["windows"] for arm in ("real", "jitter") for seed in (1, 2)}
    assert len(kept) == 1
    other = replace(panel, values=panel.values + np.linspace(0, 1, len(panel.values)))
    begins = run(panel, study=study_of(num_windows=1))["windows"]
    rows = run(panel, study=study_of(regimes=({"series": 0.4},)))["windows"]
    assert len({*kept, run(other)["windows"], begins, rows}) == 4


def test_the_first_seed_keeps_pictures_of_the_last_window_of_three_series(panel):
    found = run(panel)
    pictures = found["pictures"]
    assert pictures["items"] == ["0", "1", "2"]
    for i in range(3):
        series = panel.series(i)
        np.testing.assert_allclose(pictures["truth"][i], series[-6:], rtol=1e-5)
        np.testing.assert_allclose(pictures["past"][i], series[-24:-6], rtol=1e-5)
        low, middle, high = pictures["bands"][i]
        assert len(low) == len(high) == 6
        assert all(a <= b <= c for a, b, c in zip(low, middle, high, strict=True))
    assert "pictures" not in run(panel, seed=2)


def test_a_missing_value_of_a_picture_is_null(panel):
    values = panel.values.copy()
    values[50] = values[58] = np.nan
    pictures = run(replace(panel, values=values))["pictures"]
    assert pictures["past"][0][14] is None
    assert pictures["truth"][0][4] is None
    assert None not in pictures["truth"][1]


def test_a_short_past_is_shown_whole(make_dataset, make_series):
    short = make_dataset(5 + make_series(2, 26, 0))
    assert [len(past) for past in run(short)["pictures"]["past"]] == [18, 18]
    shorter = make_dataset(5 + make_series(2, 20, 0))
    assert [len(past) for past in run(shorter)["pictures"]["past"]] == [14, 14]


def test_a_failure_is_one_line_and_ctrl_c_is_none(panel):
    LastValue.fails_at = {0: ValueError("loss is NaN\nat step 7"), 1: TrainingInterruptedError("x")}
    runner = runner_of(panel)
    found = runner.run(ForecastCell(0, 1, "real", "last"))
    assert found["failed"] == "ValueError: loss is NaN"
    assert (found["arm"], found["versions"]) == ("real", cell_versions())
    assert "metrics" not in found
    with pytest.raises(TrainingInterruptedError):
        runner.run(ForecastCell(0, 1, "real", "last"))


def test_the_same_seed_gives_the_same_forecasts_whatever_ran_before(panel):
    runner = runner_of(panel)
    first = runner.run(ForecastCell(0, 1, "real", "last"))["series"]
    np.random.normal(size=7)  # noqa: NPY002
    assert runner.run(ForecastCell(0, 1, "real", "last"))["series"] == first
    assert runner.run(ForecastCell(0, 2, "real", "last"))["series"] != first
    assert runner_of(panel).run(ForecastCell(0, 1, "real", "last"))["series"] == first


# ---- what an arm trains on -----------------------------------------------------------------------


def test_real_series_are_trained_on_up_to_the_tests(panel, monkeypatch):
    given = []

    def train(forecaster, training, length, season, *, validation, patience):
        given.append((forecaster, training, length, season, validation, patience))
        return LastValue(length)

    monkeypatch.setattr(forecast_runner, "train_forecaster", train)
    study = study_of(arms={"real": {}, "early": {"method": "jitter", "early_stopping": 3}})
    run(panel, study=study)
    ((forecaster, training, length, season, validation, patience),) = given
    assert (length, season, validation, patience) == (LENGTH, 24, None, 0)
    assert forecaster == study.forecasters["last"]
    for i in range(5):
        np.testing.assert_allclose(training.series(i), panel.series(i)[:-12])
    run(panel, "early", study=study)
    *_, training, _, _, validation, patience = given[-1]
    assert patience == 3
    # the last steps of the real series decide when to stop; nothing is trained on them
    assert validation.item_ids == panel.item_ids
    assert validation.lengths.tolist() == [48] * 5
    assert training.lengths.tolist() == [42] * 10
    np.testing.assert_allclose(training.series(0), panel.series(0)[:42])


@pytest.mark.parametrize(
    ("settings", "count"), [({}, 10), ({"ratio": 0.4}, 7), ({"only": True}, 5)]
)
def test_a_transform_adds_its_share_of_series_or_stands_alone(panel, settings, count):
    study = study_of(arms={"jitter": {"method": "jitter"} | settings})
    assert run(panel, "jitter", study=study)["series_trained_on"] == count
    (names,) = LastValue.trained_on
    assert [str(n).startswith("synthetic/") for n in names].count(False) == (
        0 if settings.get("only") else 5
    )


def test_the_settings_of_a_transform_reach_it(panel, monkeypatch):
    given = []

    def train(forecaster, training, *rest, **options):
        given.append(training)
        return LastValue(LENGTH)

    monkeypatch.setattr(forecast_runner, "train_forecaster", train)
    arms = {
        f"j{k}": {"method": "jitter", "settings": {"share": s}} for k, s in enumerate((0.1, 0.4))
    }
    study = study_of(arms=arms)
    run(panel, "j0", study=study)
    run(panel, "j1", study=study)
    run(panel, "j1", study=study, seed=2)
    weak, strong, other = (data.values[5 * 48 :] - panel_part(data) for data in given)
    np.testing.assert_allclose(strong, 4 * weak, rtol=1e-6, atol=1e-9)
    assert not np.allclose(strong, other)


def panel_part(data):
    """The real values of which the synthetic series of `data` are copies with noise."""
    sources = [data.info[i]["source_item_id"] for i in range(5, 10)]
    return np.concatenate([data.series(data.item_ids.index(name)) for name in sources])


def test_a_synthesizer_is_trained_on_the_arms_real_series_with_the_cells_seed(panel, asked):
    arms = {"made": {"method": "asked", "settings": {"factor": 3.0}, "budget": "90s",
                     "constraints": "infer", "ratio": 0.6}}  # fmt: skip
    found = run(panel, "made", seed=2, study=study_of(arms=arms))
    ((training, options, factor),) = asked.training
    assert training.item_ids == panel.item_ids
    assert training.lengths.tolist() == [48] * 5
    assert factor == 3.0
    assert (options.seed, options.budget, options.budget_clock) == (2, 90.0, "cpu")
    assert (options.device, options.progress) == ("cpu", False)
    ((like, rows, constraints, seed),) = asked.draws
    assert (constraints, seed) == ("infer", 2)
    assert like.fingerprint() == training.fingerprint()
    assert len(rows) == 3
    assert found["series_trained_on"] == 8
    assert found["synthesizer_seconds"] >= 0
    assert "synthesizer_seconds" not in run(panel, "jitter")


def test_arms_that_share_a_synthesizer_train_it_once_for_each_regime_and_seed(panel, asked):
    arms = {
        "half": {"method": "asked", "ratio": 0.4}, "whole": {"method": "asked"},
        "other": {"method": "asked", "settings": {"factor": 5.0}},
    }  # fmt: skip
    runner = runner_of(panel, study_of(arms=arms, regimes=({}, {"series": 0.6})))
    for regime in (0, 1):
        for seed in (1, 2):
            for arm in arms:
                runner.run(ForecastCell(regime, seed, arm, "last"))
    trained = [(len(data), options.seed, factor) for data, options, factor in asked.training]
    assert trained == [(n, seed, f) for n in (5, 3) for seed in (1, 2) for f in (2.0, 5.0)]


def test_where_there_are_gaps_the_synthesizer_learns_from_what_lies_before_them(panel, asked):
    study = study_of(task="gaps", gap_length=8, arms={"made": {"method": "asked"}})
    run(panel, "made", study=study)
    ((training, *_),) = asked.training
    assert training.lengths.tolist() == [24] * 5
    assert not np.isnan(training.values).any()
    ((like, *_),) = asked.draws  # what it fills, it fills from all that is seen
    assert like.lengths.tolist() == [48] * 5
    assert np.isnan(like.values).sum() == 5 * 8


def test_an_arm_that_fills_gives_the_forecaster_filled_series_and_windows(panel, asked):
    arms = {"made": {"method": "asked", "constraints": "infer"}, "real": {}}
    study = study_of(task="far", arms=arms)
    run(panel, "made", study=study)
    ((_, rows, constraints, seed),) = asked.draws
    assert (rows, constraints, seed) == ([0, 1, 2, 3, 4], "infer", 1)
    assert not any(np.isnan(entry["target"]).any() for entry in LastValue.tasks)
    LastValue.tasks.clear()
    run(panel, "real", study=study)
    assert sum(np.isnan(entry["target"]).any() for entry in LastValue.tasks) == 5


def test_samples_are_the_forecast_of_the_known_part(panel, asked):
    study = study_of(task="direct", arms={"made": {"method": "asked", "constraints": "infer"}})
    found = runner_of(panel, study).run(ForecastCell(0, 2, "made", "samples"))
    assert "metrics" in found
    assert not LastValue.tasks
    (like, _, constraints, seed), *_ = asked.draws
    assert (constraints, seed) == ("infer", 2)
    assert like.lengths.tolist() == [48] * 5
    assert found["synthesizer_seconds"] >= 0


# ---- models that are kept ------------------------------------------------------------------------


class Kept(Asked):
    """A synthesizer that can be saved."""

    def save(self, path):
        path.mkdir()
        (path / "factor").write_text(str(self.factor))


def test_a_kept_synthesizer_is_read_and_not_trained_again(panel, asked, tmp_path, monkeypatch):
    loaded = []

    def load(path, *, device):
        loaded.append((path, device))
        return Kept(float((path / "factor").read_text()))

    monkeypatch.setattr(forecast_synthesizers, "load", load)
    arms = {"made": {"method": "kept", "settings": {"factor": 4.0}}}
    study, cell = study_of(arms=arms), ForecastCell(0, 1, "made", "last")
    first = CellRunner(study, panel, {"kept": Kept}, tmp_path / "deep" / "models").run(cell)
    assert len(Kept.training) == 1
    assert not loaded
    again = CellRunner(study, panel, {"kept": Kept}, tmp_path / "deep" / "models").run(cell)
    assert len(Kept.training) == 1
    ((place, device),) = loaded
    assert (place.parent, device) == (tmp_path / "deep" / "models", "cpu")
    assert again["synthesizer_seconds"] == first["synthesizer_seconds"]
    assert again["series"] == first["series"]
    CellRunner(study, panel, {"kept": Kept}, tmp_path / "deep" / "models").run(
        ForecastCell(0, 2, "made", "last")
    )
    assert len(Kept.training) == 2  # of another seed
    CellRunner(study, panel, {"kept": Kept}).run(cell)
    assert len(Kept.training) == 3  # nothing is kept where no folder is given


# ---- draws, generators, many seeds at once -------------------------------------------------------


def test_draws_keep_other_series_and_generators_make_other_ones(panel, asked):
    study = study_of(regimes=({"series": 0.6},), draws=(1, 2), generator_seeds=(7, 8))
    runner = runner_of(panel, study)
    place = {"regime": 0, "seed": 1, "arm": "made", "forecaster": "last"}
    found = [
        runner.run(ForecastCell(**place, draw=draw, generator=generator))
        for draw in (1, 2) for generator in (7, 8)
    ]  # fmt: skip
    assert [(cell["draw"], cell["generator"]) for cell in found] == [(1, 7), (1, 8), (2, 7), (2, 8)]
    assert [options.seed for _, options, _ in asked.training] == [7, 8, 7, 8]
    kept = [dataset.item_ids for dataset, _, _ in asked.training]
    assert kept[0] == kept[1] != kept[2] == kept[3]
    assert found[0]["windows"] == found[1]["windows"] != found[2]["windows"]


REFERENCE = {"estimator": "reference", "settings": {"num_networks": 1}}


@pytest.fixture
def short_networks(monkeypatch):
    from tsgen.curation.reference import NetworkSettings, estimator

    short = NetworkSettings(hidden_size=4, batch_size=8, max_steps=20, check_every=10)
    monkeypatch.setattr(estimator, "NetworkSettings", lambda: short)
    stacks, train = [], estimator.train_stack

    def remember(members, *rest):
        stacks.append([m.seed // 1000 for m in members])
        return train(members, *rest)

    monkeypatch.setattr(estimator, "train_stack", remember)
    return stacks


def test_all_seeds_of_the_reference_networks_are_trained_at_once_and_equal_single_ones(
    panel, short_networks
):
    study = study_of(forecasters={"ours": REFERENCE}, arms={"real": {}, "mixing": {
        "method": "mixing"}}, seeds=(1, 2, 3))  # fmt: skip
    cells = [ForecastCell(0, s, arm, "ours") for s in study.seeds for arm in ("real", "mixing")]
    together = CellRunner(study, panel, {}, None, cells)
    many = [together.run(cell) for cell in cells]
    assert sorted(short_networks) == [[1, 2, 3], [1, 2, 3]]
    for cell, made in zip(cells, many, strict=True):
        alone = CellRunner(study, panel, {}).run(cell)
        np.testing.assert_allclose(
            made["series"]["quantile_loss"], alone["series"]["quantile_loss"], rtol=1e-3
        )
    losses = {cell["metrics"]["mean_weighted_quantile_loss"] for cell in many}
    assert len(losses) == 6  # seeds and arms differ


def test_a_cell_that_fails_does_not_take_the_others_with_it(panel, short_networks, monkeypatch):
    from tsgen.errors import DataError

    study = study_of(forecasters={"ours": REFERENCE}, arms={"real": {}}, seeds=(1, 2, 3))
    train = forecast_runner.train_many

    def failing(spec, jobs, *rest):
        if any(seed == 2 for seed, _ in jobs):
            raise DataError("no luck")
        return train(spec, jobs, *rest)

    monkeypatch.setattr(forecast_runner, "train_many", failing)
    cells = [ForecastCell(0, seed, "real", "ours") for seed in study.seeds]
    runner = CellRunner(study, panel, {}, None, cells)
    assert ["failed" in runner.run(cell) for cell in cells] == [False, True, False]


# ---- channels that belong together ---------------------------------------------------------------


class LastOfAll:
    """Mixes channels: takes entries (C, T), and repeats the last value of each."""

    trained, asked = [], []

    def __init__(self, prediction_length):
        self.prediction_length = prediction_length

    def train(self, training):
        type(self).trained.append([entry["target"] for entry in training])
        return self

    def predict(self, entries):
        from gluonts.model.forecast import SampleForecast

        for entry in entries:
            type(self).asked.append(entry["target"])
            last = np.tile(entry["target"][:, -1], (4, self.prediction_length, 1))
            start = entry["start"] + entry["target"].shape[1]
            yield SampleForecast(last, start, entry["item_id"])


class Together(Asked):
    def sample_after(self, like, rows, starts, lengths, *, constraints=None, seed=None):
        parts = [super(Together, self).sample_after(part, rows, starts, lengths, seed=seed)
                 for part in like.parts]  # fmt: skip
        return type(like)(tuple(parts), like.channels)


@pytest.fixture
def joint(make_dataset, make_series):
    from tsgen.data import MultivariateDataset

    parts = [make_dataset(5 + make_series(5, 60, seed)) for seed in range(3)]
    return MultivariateDataset(tuple(parts), ("a", "b", "c"))


def joint_cell(joint, arm, monkeypatch, **changes):
    sys.modules["toy_forecasters"].LastOfAll = LastOfAll
    for name in ("trained", "asked"):
        monkeypatch.setattr(LastOfAll, name, [])
    spec = {"estimator": "toy_forecasters:LastOfAll", "joint": True}
    study = study_of(regimes=({"series": 0.6},), forecasters={"all": spec}, **changes)
    runner = CellRunner(study, joint.series, {"asked": Together}, None, (), joint.channels)
    found = runner.run(ForecastCell(0, 1, arm, "all"))
    assert "failed" not in found, found["failed"]
    return found


def test_a_forecaster_that_mixes_channels_is_given_entries_of_all_channels(joint, monkeypatch):
    found = joint_cell(joint, "real", monkeypatch)
    (training,) = LastOfAll.trained
    assert [target.shape for target in training] == [(3, 48)] * 3  # of three entries of five
    whole = joint.values.reshape(3, 5, 60)
    kept = [k for k in range(5) if any(np.allclose(t, whole[:, k, :48]) for t in training)]
    assert len(kept) == 3
    assert len(LastOfAll.asked) == 3 * WINDOWS
    expected = []
    for channel in range(3):
        for k in kept:
            for begin in (48, 54):
                gap = whole[channel, k, begin : begin + 6] - whole[channel, k, begin - 1]
                expected.append(np.abs(gap).sum())  # half of it at each level, on the mean
    loss = np.array(found["series"]["quantile_loss"])
    np.testing.assert_allclose(loss, np.reshape(expected, (9, WINDOWS)).sum(axis=1), rtol=1e-5)


def test_synthetic_entries_are_drawn_jointly_and_are_no_more_channels(joint, monkeypatch):
    monkeypatch.setattr(Together, "training", [])
    joint_cell(joint, "made", monkeypatch)
    ((dataset, _, _),) = Together.training
    assert dataset.channels == ("a", "b", "c")
    assert len(dataset) == 3
    (training,) = LastOfAll.trained
    assert [target.shape for target in training] == [(3, 48)] * 6


def test_transforms_move_all_channels_of_an_entry_alike(joint, monkeypatch):
    arms = {"real": {}, "slice": {"method": "window_slice"}}
    from tsgen.data import MultivariateDataset

    twins = MultivariateDataset((joint.parts[0],) * 3, joint.channels)
    joint_cell(twins, "slice", monkeypatch, arms=arms)
    for target in LastOfAll.trained[0]:
        np.testing.assert_array_equal(target[0], target[2])


def test_other_forecasters_take_every_channel_as_a_series(joint):
    study = study_of(regimes=({"series": 0.6},))
    CellRunner(study, joint.series, {"asked": Together}, None, (), joint.channels).run(
        ForecastCell(0, 1, "made", "last")
    )
    assert len(LastValue.trained_on[0]) == 2 * 9
