import numpy as np
import pandas as pd
import pytest

import tsgen
from tsgen import Interactions, RIMEstimator, TrainingOptions
from tsgen.allocation import UserHashes
from tsgen.errors import ModelFormatError
from tsgen.evaluation import StudyResult, evaluate_allocation, evaluate_uplift
from tsgen.report import page_text
from tsgen.report.sections import section_of

PLAN = [
    {"name": "one", "items": ["a"], "at_most": 9, "cost": 0.2},
    {"name": "two", "items": ["b"], "value": 2.0},
]


@pytest.fixture(scope="module")
def log():
    draw = np.random.default_rng(0)
    users = np.concatenate([np.arange(60), draw.integers(0, 60, 500)])
    days = draw.integers(0, 60 * 1440, len(users))
    table = pd.DataFrame({
        "user_id": users,
        "item_id": draw.choice(list("abc"), len(users)),
        "timestamp": pd.Timestamp("2024-01-01") + pd.to_timedelta(days, "min"),
    })  # fmt: skip
    return Interactions.from_frame(table, on_duplicate="keep")


@pytest.fixture(scope="module")
def results(log):
    """One result of each kind of study of campaigns."""
    estimator = RIMEstimator(horizon="14D", relevance="popularity")
    options = TrainingOptions(seed=1, device="cpu", progress=False)
    cut = pd.Timestamp("2024-02-10")
    model = estimator.train(
        log.where(log.time < log.read_time(cut)).present(), at=cut, options=options
    )
    found = tsgen.allocate(model, PLAN, max_campaigns=2, holdout=0.3)
    backtest = evaluate_allocation(log, estimator, PLAN, draws=20, seed=1, options=options)
    uplift = evaluate_uplift(log, found.table, found.holdouts, PLAN)
    return {"campaigns": found.to_result(), "allocation": backtest, "uplift": uplift}


def texts(section):
    return " | ".join(
        part
        for table in section.tables
        for row in table.rows
        for cell in row
        for part in (cell.text, cell.detail)
    )


@pytest.mark.parametrize("kind", ["campaigns", "allocation", "uplift"])
def test_each_kind_has_a_page_that_survives_saving(results, tmp_path, kind):
    result = results[kind]
    assert result.kind == kind
    result.save(tmp_path / kind)
    loaded = StudyResult.load(tmp_path / kind)
    assert page_text(loaded) == page_text(loaded)
    assert "</html>" in page_text(loaded)
    damaged = StudyResult(loaded.table, loaded.answer, {"study": kind})
    with pytest.raises(ModelFormatError, match="cannot be shown: it lacks the fact"):
        page_text(damaged)


def test_an_allocation_says_what_is_sent_and_what_limits_it(results):
    section = section_of(results["campaigns"])
    shown = texts(section)
    assert "limited by its greatest size, " in shown
    assert "at_most" not in shown
    assert "RIM of " in shown
    assert "left to contact" in shown
    users = pd.DataFrame(results["campaigns"].facts["summary"])["users"]
    assert section.headline["Contacts"].text == f"{users.sum():,}"


def test_a_backtest_shows_every_arm_and_both_pictures(results):
    section = section_of(results["allocation"])
    shown = texts(section)
    for arm in results["allocation"].table["arm"].unique():
        assert arm in shown
    assert len(section.pictures) == 2


def test_an_uplift_shows_verdicts_and_hold_outs(results):
    shown = texts(section_of(results["uplift"]))
    assert "no effect can be seen" in shown or "✓ more" in shown or "✗ less" in shown
    assert "a user" in shown


def test_hold_outs_of_the_results_are_those_of_the_hash(results, log):
    held = UserHashes(log.users.ids, "tsgen").held_out("", 0.3).sum()
    assert results["campaigns"].facts["counts"]["held out of all campaigns"] <= held
