"""Two networks are fitted by the loop with exactly what was asked for."""

import pytest
import torch

from tsgen.data import simulate_series
from tsgen.errors import SettingsError
from tsgen.psagan import PSAGANSettings
from tsgen.psagan.learning import fitting
from tsgen.psagan.learning.fitting import fit_networks, fitted_parts
from tsgen.psagan.learning.preparation import NewTraining
from tsgen.training import Fitted, TrainingOptions

WEIGHTS = {"generator.a": torch.arange(3.0), "discriminator.b": torch.ones(2)}


@pytest.fixture(scope="module")
def data():
    return NewTraining.on(simulate_series(2, 30, seed=1), settings_of()).data


def settings_of(**changes):
    return PSAGANSettings(**{"target_length": 8, "batch_size": 4} | changes)


@pytest.fixture
def loop(monkeypatch):
    """Stands for the training loop and the task; notes what they are given."""
    calls = {"fit": [], "task": []}

    def fit(maker, options, *, label, fingerprint):
        calls["fit"].append((maker, options, label, fingerprint))
        return "fitted"

    def task(*given, **more):
        calls["task"].append((given, more))
        return "task"

    monkeypatch.setattr(fitting, "fit", fit)
    monkeypatch.setattr(fitting, "AdversarialTask", task)
    return calls


def fingerprint(loop, data, settings=None, print_="data", warm_start=None, **options):
    options = TrainingOptions(**{"seed": 1} | options)
    assert fit_networks(settings or settings_of(), data, options, print_, warm_start) == "fitted"
    return loop["fit"][-1][3]


def test_each_process_makes_the_task_of_these_data_settings_and_seed(loop, data):
    settings = settings_of()
    fingerprint(loop, data, settings, warm_start=WEIGHTS, budget="90s", budget_clock="cpu")
    maker, options, label, _ = loop["fit"][0]
    assert (options.seed, label) == (1, "PSA-GAN")
    assert maker("processes", "plan") == "task"
    ((given, more),) = loop["task"]
    assert given == (data, settings, 1, "processes", "plan")
    assert more == {"budget": (90.0, "cpu"), "warm_start": WEIGHTS}


def test_without_a_budget_or_with_a_schedule_nothing_is_timed(loop, data):
    fingerprint(loop, data)
    fingerprint(loop, data, settings_of(schedule=(5,)), budget="90s")
    for maker, *_ in loop["fit"]:
        maker("processes", None)
    assert [more["budget"] for _, more in loop["task"]] == [None, None]


def test_a_checkpoint_belongs_to_the_data_settings_seed_and_weights_it_began_with(loop, data):
    same = {
        fingerprint(loop, data),
        fingerprint(loop, data, checkpoint_seconds=5.0, progress=False),
    }
    assert len(same) == 1
    other = dict(WEIGHTS, **{"generator.a": torch.tensor([0.0, 1.0, 3.0])})
    others = [
        fingerprint(loop, data, print_="other data"),
        fingerprint(loop, data, settings_of(learning_rate=0.1)),
        fingerprint(loop, data, seed=2),
        fingerprint(loop, data, precision="bf16-mixed"),
        fingerprint(loop, data, budget="90s"),
        fingerprint(loop, data, warm_start=WEIGHTS),
        fingerprint(loop, data, warm_start=other),
    ]
    assert len({*same, *others}) == 8
    reordered = dict(reversed(WEIGHTS.items()))
    assert fingerprint(loop, data, warm_start=reordered) == others[5]


def test_steps_and_a_budget_are_one_too_many_unless_the_steps_are_the_usual_ones(loop, data):
    with pytest.raises(SettingsError, match="num_steps=7 and a budget of 90 s both say"):
        fingerprint(loop, data, settings_of(num_steps=7), budget="90s")
    fingerprint(loop, data, budget="90s")
    fingerprint(loop, data, settings_of(num_steps=7))
    fingerprint(loop, data, settings_of(num_steps=7), warm_start=WEIGHTS, budget="90s")


def test_a_batch_must_be_shared_evenly(loop, data):
    with pytest.raises(SettingsError, match="batch_size=4 cannot be shared by devices=3"):
        fingerprint(loop, data, devices=3)
    fingerprint(loop, data, devices=2)


def test_a_fitted_model_is_made_of_what_was_learnt_and_of_what_is_remembered():
    new = NewTraining.on(simulate_series(2, 30, seed=1), settings_of())
    learnt = Fitted(WEIGHTS, {"schedule": [3]}, [{"step": 3}])
    parts = fitted_parts(learnt, new, new.conditions, TrainingOptions(seed=7, device="cpu"))
    assert parts["weights"] is WEIGHTS
    assert (parts["plan"], parts["history"]) == ({"schedule": [3]}, [{"step": 3}])
    assert (parts["table"], parts["further_tables"]) == (new.tables[0], ())
    assert (parts["data"], parts["conditions"]) == (new.facts, new.conditions)
    assert (parts["features"], parts["seed"], parts["device"]) == (None, 7, "cpu")
