"""Training: reproducible, resumable to the same numbers, honest about what it cannot use."""

import dataclasses
import functools
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from typer.testing import CliRunner

from tsgen.cli.main import app
from tsgen.data import SeriesDataset, simulate_series, to_dataset
from tsgen.errors import DataError, DataWarning, SettingsError, TrainingInterruptedError
from tsgen.psagan import PSAGANEstimator
from tsgen.psagan.learning import NewTraining
from tsgen.psagan.learning.task import AdversarialTask
from tsgen.training import TrainingOptions, fit

TINY = {"target_length": 16, "num_steps": 20, "batch_size": 8}


def train(data, settings=TINY, **options):
    if "budget" in options:  # which takes the place of a number of steps
        settings = {name: value for name, value in settings.items() if name != "num_steps"}
    options = TrainingOptions(**{"seed": 1, "progress": False, "log_every": 5, **options})
    return PSAGANEstimator(**settings).train(data, options=options)


def equal(a, b):
    return a.weights.keys() == b.weights.keys() and all(
        torch.equal(a.weights[name], b.weights[name]) for name in a.weights
    )


def entries(*targets, start="2024-01-01"):
    return [
        {"item_id": f"s{k}", "start": pd.Period(start, "h"), "target": np.asarray(t, np.float64)}
        for k, t in enumerate(targets)
    ]


def finite(fitted):
    rows = [value for row in fitted.history for value in row.values()]
    return np.isfinite(rows).all()


@pytest.fixture(scope="module")
def data():
    return simulate_series(num_series=4, length=80, seed=1)


# ---- the same numbers ----------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_the_same_seed_gives_the_same_weights_and_another_one_does_not(data, preset):
    settings = TINY | {"preset": preset}
    first, again, other = (train(data, settings, seed=seed) for seed in (1, 1, 2))
    assert equal(first, again)
    assert not equal(first, other)
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in first.history]
    assert rows == [{k: v for k, v in row.items() if k != "seconds"} for row in again.history]


def test_global_random_numbers_do_not_matter(data):
    first = train(data)
    with torch.random.fork_rng():
        torch.manual_seed(12345)
        assert equal(first, train(data))


def test_training_and_loading_leave_global_state_alone(data, tmp_path):
    import tsgen

    torch.random.manual_seed(7)
    np.random.seed(7)  # noqa: NPY002

    def state():
        found = [torch.random.get_rng_state().numpy().tobytes(), torch.get_num_threads()]
        return [*found, np.random.get_state()[1].tobytes()]  # noqa: NPY002

    before = state()
    fitted = train(data)
    fitted.save(tmp_path / "model")
    tsgen.load(tmp_path / "model").sample(2, length=40)
    assert state() == before


def test_a_stored_schedule_replays_the_training(data):
    first = train(data)
    schedule = first.plan["schedule"]
    assert equal(first, train(data, TINY | {"schedule": schedule, "num_steps": 9999}))


def test_a_budget_is_turned_once_into_a_schedule_that_replays(data):
    fitted = train(data, budget="1s", budget_clock="cpu")
    schedule = fitted.plan["schedule"]
    assert len(schedule) == 2
    assert min(schedule) >= 1
    assert set(fitted.plan["seconds_per_step"]) == {"0", "1"}
    assert fitted.history[-1]["step"] == sum(schedule)
    assert equal(fitted, train(data, TINY | {"schedule": schedule}))


def test_a_budget_and_a_number_of_steps_are_one_too_many(data):
    options = TrainingOptions(seed=1, budget="1min", progress=False)
    with pytest.raises(SettingsError, match="num_steps=20 and a budget of 60 s both say"):
        PSAGANEstimator(**TINY).train(data, options=options)


def test_a_budget_that_is_too_small_is_refused(data):
    with pytest.raises(SettingsError, match=r"budget of .* is too small.* Give at least .* s"):
        train(data, budget=0.001)


class Interrupt:
    """Presses Ctrl-C at a history row, between two steps."""

    def __init__(self, step):
        self.step = step

    def __call__(self, row):
        if row["step"] >= self.step:
            os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupted_budget_run_resumes_with_its_stored_schedule(data, tmp_path):
    options = {"budget": "2s", "budget_clock": "cpu", "checkpoint": tmp_path / "kept"}
    with pytest.raises(TrainingInterruptedError, match="continue with resume"):
        train(data, **options, on_row=Interrupt(10))
    resumed = train(data, **options, resume=True)
    schedule = resumed.plan["schedule"]
    assert sum(schedule) == resumed.history[-1]["step"]
    assert equal(resumed, train(data, TINY | {"schedule": schedule}))


def test_fine_tuning_resumes_to_the_same_numbers_from_the_same_model_only(data, tmp_path):
    first, second = train(data), train(data, seed=2)
    options = {"seed": 3, "progress": False, "log_every": 5}

    def tune(model, **more):
        return model.fine_tune(data, num_steps=20, options=TrainingOptions(**options, **more))

    whole = tune(first)
    with pytest.raises(TrainingInterruptedError):
        tune(first, checkpoint=tmp_path / "kept", on_row=Interrupt(10))
    with pytest.raises(SettingsError, match="was made with other data"):
        tune(second, checkpoint=tmp_path / "kept", resume=True)
    assert equal(whole, tune(first, checkpoint=tmp_path / "kept", resume=True))


def exact_task(data, settings, processes, plan):
    """The task in float64, where Adam has fewer last digits to magnify."""
    torch.set_default_dtype(torch.float64)
    return AdversarialTask(data, settings, 1, processes, plan)


def exact_history(data, settings, devices):
    values = data.values.astype(np.float64)
    maker = functools.partial(exact_task, dataclasses.replace(data, values=values), settings)
    options = TrainingOptions(seed=1, progress=False, log_every=1, devices=devices, device="cpu")
    try:
        return fit(maker, options, label="", fingerprint="").history
    finally:
        torch.set_default_dtype(torch.float32)


def test_two_processes_agree_with_one_though_windows_are_compared_within_the_batch(data):
    """What they compute is the same: in float64 forty steps apart are ten digits alike."""
    settings = PSAGANEstimator(**TINY | {"num_steps": 40, "minibatch_deviation": True})
    prepared = NewTraining.on(data, settings).data
    alone, together = (exact_history(prepared, settings, n) for n in (1, 2))
    assert len(alone) == len(together) == 40
    for row, other in zip(alone, together, strict=True):
        assert row.keys() == other.keys() >= {"discriminator_loss", "generator_loss", "step_score"}
        for name in row.keys() - {"seconds"}:
            assert other[name] == pytest.approx(row[name], rel=1e-6, abs=1e-9), (row["step"], name)


@pytest.mark.slow  # the test above sees all that the default does
def test_two_processes_agree_with_one_in_the_papers_networks(data):
    settings = TINY | {"preset": "paper", "num_steps": 4, "betas": (0.0, 0.9)}
    alone, together = train(data, settings), train(data, settings, devices=2)
    assert together.plan == alone.plan
    for name, weight in alone.weights.items():
        torch.testing.assert_close(together.weights[name], weight, rtol=1e-3, atol=5e-4)


def test_a_batch_that_cannot_be_shared_is_refused(data):
    with pytest.raises(SettingsError, match="batch_size=9 cannot be shared by devices=2"):
        train(data, TINY | {"batch_size": 9}, devices=2)


# ---- killed in a process of its own --------------------------------------------------------------

SETTINGS = ["target_length=8", "num_steps=300", "batch_size=8", "channels=[4]"]


def command(table, output, *more):
    sets = [word for setting in SETTINGS for word in ("--set", setting)]
    return ["train", "psa-gan", str(table), "-o", str(output), "--seed", "1", *sets, *more]


def run_here(words):
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output


def start_and_wait_for_a_checkpoint(words, folder):
    process = subprocess.Popen(
        [sys.executable, "-m", "tsgen", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    deadline = time.monotonic() + 120
    while not (folder / "state.pt").exists() and process.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return process


@pytest.fixture(scope="module")
def whole_run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    simulate_series(num_series=3, length=60, seed=1).to_frame().to_csv(folder / "load.csv")
    run_here(command(folder / "load.csv", folder / "model"))
    return folder


def history_steps(folder):
    rows = (folder / "model" / "history.jsonl").read_text().splitlines()
    return [json.loads(row)["step"] for row in rows]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGKILL, -9),
        pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow),  # in cli/train/test_options, too
    ],
)
def test_a_stopped_command_resumes_to_the_same_weights(whole_run, tmp_path, number, code):
    table, output = whole_run / "load.csv", tmp_path / "model"
    checkpoint = tmp_path / "model.checkpoint"
    words = command(table, output, "--checkpoint-every", "0s")
    process = start_and_wait_for_a_checkpoint(words, checkpoint)
    process.send_signal(number)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    if number == signal.SIGINT:
        assert "continue with --resume" in errors
    assert not output.exists()
    state = torch.load(checkpoint / "state.pt", weights_only=True)
    assert 0 < state["step"] < 300
    run_here(command(table, output, "--resume"))
    assert not checkpoint.exists()
    files = [folder / "model" / "weights.safetensors" for folder in (whole_run, tmp_path)]
    whole, resumed = (load_file(file) for file in files)
    assert all(torch.equal(whole[name], resumed[name]) for name in whole)
    assert history_steps(whole_run) == history_steps(tmp_path)


# ---- awkward data --------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_gaps_are_trained_around(preset):
    random = np.random.default_rng(0)
    targets = 100 + random.normal(size=(3, 120))
    targets[:, 30:36] = np.nan
    targets[0, ::7] = np.nan
    settings = TINY | {"preset": preset, "min_observed": 0.5}
    fitted = train(entries(*targets), settings)
    assert finite(fitted)
    drawn = fitted.sample(20, seed=1)
    assert np.isfinite(drawn.values).all()
    # Zeros in place of gaps would be a hundred units away and widen the scale.
    assert (fitted.table.scaler.scale < 20).all()
    assert abs(drawn.values.mean() - 100) < 10


def test_what_is_missing_never_reaches_a_network(monkeypatch):
    """Whatever stands in the gaps of the flat array, the weights are the same."""
    from tsgen.psagan.learning import task as adversarial

    targets = 5 + np.sin(np.arange(100)) + np.random.default_rng(0).normal(size=(2, 100))
    targets[:, 20:24] = np.nan
    seen = []
    fill = adversarial.fill_alike

    def remember(real, fake):
        filled = fill(real, fake)
        seen.append((real.detach().clone(), filled[0].detach().clone()))
        return filled

    monkeypatch.setattr(adversarial, "fill_alike", remember)
    train(entries(*targets))
    holes = [(real, filled) for real, filled in seen if torch.isnan(real).any()]
    assert holes
    for real, filled in seen:
        assert torch.isfinite(filled).all()
        lowest, highest = (
            torch.nan_to_num(real, nan=limit).aminmax(dim=1)[k]
            for k, limit in ((0, float("inf")), (1, -float("inf")))
        )
        assert (filled >= lowest[:, None] - 1e-6).all()  # a bridge, not a zero
        assert (filled <= highest[:, None] + 1e-6).all()


def test_a_single_series_is_enough():
    assert finite(train(entries(np.sin(np.arange(60)))))


def test_one_usable_series_of_many_is_enough_and_the_others_are_told():
    targets = [np.arange(5.0), np.full(40, 3.0), np.sin(np.arange(40)), np.full(40, np.nan)]
    targets[3][[0, 20]] = 1.0, 2.0
    expected = (
        r"Of 4 series, 1 shorter than target_length=16, 1 without a window 50 % observed, "
        r"1 constant \(the first is 's0'\): nothing is learned from them"
    )
    with pytest.warns(DataWarning, match=expected):
        fitted = train(entries(*targets))
    assert fitted.table.index.tolist() == [0, 0, 1, 0]
    assert finite(fitted)


@pytest.mark.parametrize(
    ("targets", "message"),
    [
        ([np.arange(9.0), np.arange(15.0)], "'s1', has 15 steps; target_length=16 needs"),
        (
            [np.where(np.arange(60) % 5 == 0, np.arange(60.0), np.nan)],
            "No series has a window of 16 steps with 50 % of them observed",
        ),
        ([np.where(np.arange(40) == 7, np.inf, np.arange(40.0))], "infinite"),
    ],
)  # fmt: skip
def test_data_that_nothing_can_be_learned_from_are_refused(targets, message):
    with pytest.raises(DataError, match=message):
        train(entries(*targets))


def test_constant_stretches_do_no_harm():
    steps = np.where(np.arange(200) % 100 < 50, 0.0, 10.0)
    assert finite(train(entries(steps, 1e9 + steps)))


def test_many_short_series_train():
    count, length = 20_000, 24
    random = np.random.default_rng(0)
    many = SeriesDataset(
        values=random.normal(size=count * length),
        offsets=np.arange(count + 1) * length,
        starts=np.full(count, 473_352),
        freq="h",
        item_ids=tuple(range(count)),
    )
    fitted = train(many, TINY | {"num_steps": 2})
    assert len(fitted.table) == count
    assert len(fitted.sample(items=[7, 19_999], seed=1)) == 2


def test_levels_over_orders_of_magnitude_come_back():
    panel = simulate_series(num_series=6, length=200, seed=3)
    fitted = train(to_dataset(panel), TINY | {"num_steps": 100})
    drawn = fitted.sample(40, items=list(panel.item_ids), seed=1).values.reshape(6, -1)
    for i, values in enumerate(drawn):
        real = panel.series(i)
        assert abs(values.mean() - real.mean()) < 1.5 * real.std()


@pytest.mark.parametrize("most", [0.0, 1e-3])
def test_gradients_are_scaled_down_to_the_norm_that_is_set(monkeypatch, data, most):
    seen = []
    step = AdversarialTask.step

    def watched(task, number):
        losses = step(task, number)
        for network in (task.generator, task.discriminator):
            parts = [p.grad.norm() for p in network.parameters() if p.grad is not None]
            seen.append(float(torch.stack(parts).norm()))
        return losses

    monkeypatch.setattr(AdversarialTask, "step", watched)
    train(data, {**TINY, "num_steps": 4, "gradient_clip": most})
    if most:
        np.testing.assert_allclose(seen, most, rtol=1e-3)
    else:
        assert min(seen) > 1e-3
