import os

import numpy as np
import pytest

import tsgen
from tsgen.allocation import CampaignPrices
from tsgen.errors import DataError, ModelFormatError, OutputError


def prices_of(num=4, seed=0, places=np.inf, **fields):
    draw = np.random.default_rng(seed)
    return CampaignPrices(
        [f"c{place}" for place in range(num)], draw.uniform(0, 1, num), draw.uniform(0, 1, num),
        np.full(num, places), np.full(num, np.inf), **fields,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_decisions_are_those_of_a_plain_loop(seed):
    draw = np.random.default_rng(seed)
    prices = prices_of(30, seed, places=2.0, max_campaigns=3)
    left = dict.fromkeys(prices.names, 2)
    for _ in range(15):
        values, costs = np.round(draw.gamma(1, 1, 30), 1), draw.uniform(0, 0.5, 30)
        margins = {
            name: values[place] - prices.contact[place] - costs[place] * prices.money[place]
            for place, name in enumerate(prices.names)
            if left[name]
        }
        best = sorted((name for name in margins if margins[name] > 0), key=lambda n: -margins[n])
        found = prices.decide(values, costs)
        assert found.campaigns == best[:3]
        for name in found.campaigns:
            left[name] -= 1


def test_budgets_and_places_are_counted_down_and_never_exceeded():
    prices = CampaignPrices(
        ["a", "b"], np.zeros(2), np.zeros(2), np.array([3.0, np.inf]), np.array([np.inf, 1.0]), 9.0
    )
    got = [prices.decide([2.0, 1.0], 0.4).campaigns for _ in range(7)]
    assert got == [["a"]] * 3 + [["b"]] * 2 + [[]] * 2
    assert prices.places[0] == 0
    assert prices.budgets[1] == pytest.approx(0.2)


def test_what_may_not_be_offered_is_not():
    prices = CampaignPrices(
        ["a", "b"], np.array([-1.0, 0.0]), np.zeros(2), *np.full((2, 2), np.inf)
    )
    assert prices.decide([np.nan, -np.inf]).campaigns == []
    assert prices.decide([0.0, 0.0]).campaigns == []
    with pytest.raises(DataError, match="one for each of the 2 campaigns"):
        prices.decide([1.0])


def test_prices_are_saved_whole(tmp_path):
    prices = prices_of(5, places=7.0, total=12.0, max_campaigns=2, facts={"model": "m"})
    prices.save(tmp_path / "prices.json")
    again = CampaignPrices.load(tmp_path / "prices.json")
    values = np.linspace(0, 2, 5)
    assert prices.decide(values, 0.1) == again.decide(values, 0.1)
    assert again.total == 12.0 - 0.2
    assert np.isinf(again.budgets).all()
    with pytest.raises(OutputError, match="exists already"):
        prices.save(tmp_path / "prices.json")
    (tmp_path / "other.json").write_text("{}")
    with pytest.raises(ModelFormatError, match="holds no prices"):
        CampaignPrices.load(tmp_path / "other.json")


def test_prices_of_an_allocation_decide_nearly_as_it_did(model):
    plan = [{"name": "one", "items": ["a"], "at_most": 15},
            {"name": "two", "items": ["b", "c"], "at_most": 15}]  # fmt: skip
    found = tsgen.allocate(model, plan, solver="exact")
    scores = model.scores().to_frame().pivot(index="user_id", columns="item_id", values="score")
    prices, value, users = found.prices, 0.0, 0
    for _, row in scores.iterrows():
        decision = prices.decide([row["a"], row["b"] + row["c"]])
        value += sum(decision.values)
        users += len(decision.campaigns)
    # Whoever is worth just the price may be left out: one of each campaign.
    last = prices.contact.sum()
    assert found.facts["value"] - last * (1 + 1e-5) <= value <= found.facts["value"] * (1 + 1e-5)
    assert users <= 30
    assert (found.prices.places == 15).all()


def test_new_prices_fit_what_is_left():
    values = np.random.default_rng(1).gamma(1, 1, (200, 3))
    prices = CampaignPrices(
        ["a", "b", "c"], np.zeros(3), np.zeros(3), np.full(3, 20.0), np.full(3, np.inf)
    )
    fewer = prices.reprice(values)
    none = prices.reprice(values, expected_users=10)
    assert (fewer.contact > 1).all()
    assert (none.contact < 0.2).all()
    got = sum(len(fewer.decide(row).campaigns) for row in values)
    assert 50 <= got <= 60


def test_prices_that_were_edited_are_refused(tmp_path):
    CampaignPrices(["a"], np.array([1.0]), np.array([0.0]), np.array([5.0]), np.array([9.0]),
                   20.0, 1, {}).save(tmp_path / "prices.json")  # fmt: skip
    path = tmp_path / "prices.json"
    path.write_text(path.read_text().replace("20.0", "2000.0"))
    with pytest.raises(ModelFormatError, match="damaged or was edited"):
        CampaignPrices.load(path)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "prices.json")
    with pytest.raises(ModelFormatError, match="is a pipe or a device"):
        CampaignPrices.load(tmp_path / "prices.json")
