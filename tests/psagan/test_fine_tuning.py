"""Training further: new series and categories are added, what was learnt stays."""

import pandas as pd
import pytest
import torch

import tsgen
from psagan_doubles import same, table, train
from tsgen.data import to_dataset
from tsgen.errors import DataError, DataWarning, UnknownIdError
from tsgen.psagan import fine_tuning
from tsgen.training import TrainingOptions


def tune(fitted, data, steps=3, **options):
    options = TrainingOptions(seed=2, progress=False, **options)
    return fitted.fine_tune(data, num_steps=steps, options=options)


@pytest.mark.parametrize("preset", ["default", "paper"])
def test_fine_tuning_adds_series_keeps_the_old_ones_and_leaves_the_model_alone(tmp_path, preset):
    fitted = train(table(["a", "b"]), preset=preset, target_length=16)
    before = fitted.sample(4, seed=1)
    weights = {name: weight.clone() for name, weight in fitted.weights.items()}
    tuned = tune(fitted, table(["n", "b"], first="2024-06-01"))
    assert same(fitted.sample(4, seed=1), before)
    assert all(torch.equal(fitted.weights[name], weight) for name, weight in weights.items())
    assert set(tuned.table.item_ids) == {"a", "b", "n"}
    index = dict(zip(tuned.table.item_ids, tuned.table.index.tolist(), strict=True))
    assert index == {"a": 1, "b": 2, "n": 3}
    assert sum(tuned.plan["schedule"]) == 3
    tuned.save(tmp_path / "tuned")
    loaded = tsgen.load(tmp_path / "tuned")
    drawn = loaded.sample(2, items=["a", "n"], seed=1)
    assert same(drawn, tuned.sample(2, items=["a", "n"], seed=1))
    with pytest.raises(UnknownIdError):
        fitted.sample(items=["n"])


def test_fine_tuning_learns_new_categories(tmp_path):
    fitted = train(to_dataset(table(["a", "b"], shop=["x", "y"]), static=["shop"]))
    new = to_dataset(table(["n", "b"], shop=["z", "y"]), static=["shop"])
    tuned = tune(fitted, new)
    tuned.save(tmp_path / "tuned")
    frame = (
        tsgen.load(tmp_path / "tuned")
        .sample(items=["a", "b", "n"], seed=1)
        .to_frame(provenance=True)
    )
    shops = frame.groupby("source_item_id")["shop"].first()
    assert shops.to_dict() == {"a": "x", "b": "y", "n": "z"}
    assert tuned.data.static_categories == (("x", "y", "z"),)


def test_a_known_series_is_not_forgotten_when_its_new_data_are_too_short():
    fitted = train(table(["a", "b"]))
    new = pd.concat([table(["n"]), table(["b"], length=3)])
    with pytest.warns(DataWarning, match="1 shorter"):
        tuned = tune(fitted, new)
    assert tuned.table.index[tuned.table.item_ids.index("b")] == 2
    assert tuned.table.lengths[tuned.table.item_ids.index("b")] == 60
    assert len(tuned.sample(items=["a", "b", "n"], seed=1)) == 3


def test_fine_tuning_refuses_other_static_columns_and_zones():
    fitted = train(to_dataset(table(["a", "b"], shop=["x", "y"]), static=["shop"]))
    with pytest.raises(
        DataError, match=r"static columns \[\], the model was trained with \['shop'\]"
    ):
        tune(fitted, table(["n", "m"]))
    there, here = table(["a"]), table(["a"])
    there["timestamp"] = there["timestamp"].dt.tz_localize("UTC")
    here["timestamp"] = here["timestamp"].dt.tz_localize("Asia/Tokyo")
    with pytest.raises(DataError, match="zone Asia/Tokyo, the model in UTC"):
        tune(train(there), here)


class Stop(Exception):
    """Ends a training once its arguments are known."""


@pytest.fixture
def asked(monkeypatch):
    """Fine-tune up to the training of the networks; return what it would be given."""

    def ask(fitted, data, **options):
        seen = {}

        def fit(settings, data, options, fingerprint, weights):
            seen.update(settings=settings, data=data, options=options, weights=weights)
            raise Stop

        monkeypatch.setattr(fine_tuning, "fit_networks", fit)
        with pytest.raises(Stop):
            tune(fitted, data, **options)
        return seen

    return ask


def test_only_the_last_stage_is_trained_or_the_budget_decides(model, panel, asked):
    seen = asked(model, panel, steps=7)
    stages = len(model.settings.lengths)
    assert seen["settings"].schedule == (0,) * (stages - 1) + (7,)
    assert seen["options"].seed == 2
    assert asked(model, panel, budget="90s")["settings"].schedule is None


def test_new_series_get_the_next_embeddings_which_begin_as_the_unknown_one(model, panel, asked):
    new = [{**entry, "item_id": name} for entry, name in
           zip(panel, ("n1", "series-3", "n2"), strict=False)]  # fmt: skip
    seen = asked(model, new)
    assert seen["data"].sizes.num_series == 10
    name = "generator.identity.tables.0.weight"
    old, extended = model.weights[name], seen["weights"][name]
    assert torch.equal(extended[: len(old)], old)
    assert torch.equal(extended[len(old) :], old[:1].expand(2, -1))
