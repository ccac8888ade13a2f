import numpy as np
import pytest

from small_shop import QUIET, log, read
from tsgen import RIMEstimator
from tsgen.errors import DataWarning
from tsgen.evaluation import evaluate_audience
from tsgen.evaluation.audience import sequence
from tsgen.evaluation.audience.sequence import AlignedScores
from tsgen.scores import DenseScores

PLAIN = RIMEstimator(horizon="7D", relevance="popularity", activity="popularity", repeats="none")


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    network = {"hidden_size": 4, "max_epochs": 1}
    settings = {"relevance": "gru", "repeats": "none", "activity": "popularity", "network": network}
    monkeypatch.setattr(sequence, "SEQUENCE_MODEL", settings)


def test_it_is_one_more_arm_and_no_simple_rule():
    result = evaluate_audience(
        read(log()), PLAIN, draws=20, seed=1, options=QUIET, sequence_model=True
    )
    table = result.table
    arms = table["arm"].unique().tolist()
    assert arms == [
        "model", "random", "popularity", "recency", "repeat buyers", "item-kNN", "sequence model",
    ]  # fmt: skip
    assert "sequence model" not in set(table["reference"])
    assert "sequence model" in result.facts["rules"]
    sizes = table.groupby("arm").size()
    assert sizes["sequence model"] == sizes["item-kNN"]


def test_too_short_a_past_is_said():
    events = read(log())
    model = PLAIN.train(events, at="2024-02-20", options=QUIET)
    later = events.where(events.time >= events.read_time("2024-02-20"))
    with pytest.warns(DataWarning, match="There is no sequence model beside the model"):
        result = evaluate_audience(later, model, draws=20, seed=1, sequence_model=True)
    assert "sequence model" not in set(result.table["arm"])


def test_scores_are_of_the_same_users_and_items_in_every_block():
    theirs = np.arange(12.0).reshape(3, 4)
    aligned = AlignedScores(DenseScores(theirs), np.array([2, -1, 0]), np.array([3, 1, -1]))
    wanted = [[11.0, 9.0, 0.0], [0.0, 0.0, 0.0], [3.0, 1.0, 0.0]]
    assert aligned.shape == (3, 3)
    assert aligned.block(slice(0, 3), slice(0, 3)).tolist() == wanted
    assert aligned.block(slice(1, 3), slice(1, 2)).tolist() == [[0.0], [1.0]]
    assert aligned.block(slice(1, 2), slice(0, 2)).tolist() == [[0.0, 0.0]]
