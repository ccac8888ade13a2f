"""The sentence of a table of fidelity, and gaps in spreads on the bad side alone."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tsgen.evaluation import NEAREST, floor_gaps, floor_ratios, floor_verdicts, off_ideal
from tsgen.evaluation.fidelity.answer import fidelity_answer


def row(metric="context_fid", **changes):
    base = {
        "metric": metric,
        "value": 0.1 + 0.2,
        "spread": 0.01,
        "floor": 0.1,
        "floor_spread": 0.01,
        "better": "lower",
        "protocol": "held-out",
        "n": 500,
        "seed": 3,
    }
    return base | changes


@given(st.floats(-5, 5), st.floats(-5, 5))
def test_gaps_count_spreads_on_the_bad_side_only(value, floor):
    def gap(better):
        both = pd.DataFrame(
            [row(value=value, floor=floor, better=better, spread=0.3, floor_spread=0.4)]
        )
        return floor_gaps(both)[0]

    assert gap("lower") == pytest.approx(max(value - floor, 0) / 0.5 if value > 0 else 0)
    assert gap("higher") == pytest.approx(max(floor - value, 0) / 0.5)
    assert gap("one") == pytest.approx(max(abs(value - 1) - abs(floor - 1), 0) / 0.5)


def test_a_noisy_floor_excuses_nothing():
    """Two and a half times the floor, within two standard errors: nobody can tell."""
    noisy = row(value=0.5, floor=0.2, floor_spread=0.2)
    sure = row(value=0.21, floor=0.2)
    worse = row(value=0.3, floor=0.2)
    table = pd.DataFrame([noisy, sure, worse])
    assert floor_verdicts(table) == ["cannot tell", "as good", "worse"]
    answer = fidelity_answer(table)
    assert "1 of 3 measures are as good as for real windows (n = 500), 1 too noisy" in answer


def test_what_is_ideal_or_better_is_not_worse_than_real_windows():
    """An attack that finds less than nothing gives nothing away, whatever it finds of the real."""
    table = pd.DataFrame([
        row("membership_advantage", value=-0.08, floor=-0.125, spread=0.019, floor_spread=0.007),
        row("membership_advantage", value=0.05, floor=-0.125, spread=0.019, floor_spread=0.007),
        row("linear_predictive_ratio", value=0.99, floor=0.9),
    ]).assign(ideal=[0.0, 0.0, 1.0])  # fmt: skip
    assert floor_verdicts(table) == ["as good", "worse", "as good"]
    assert floor_gaps(table)[[0, 2]].tolist() == [0, 0]


def test_ratios_are_of_distances_from_the_ideal():
    table = pd.DataFrame([
        row(value=0.3, floor=0.1), row(value=0.6, floor=0.9, better="higher"),
        row(value=1.3, floor=1.1, better="one"), row(value=0.0, floor=0.0), row(floor=0.0),
    ])  # fmt: skip
    assert floor_ratios(table) == pytest.approx([3, 4, 3, 1, np.inf])
    assert off_ideal(table, "value")[:3] == pytest.approx([0.3, 0.4, 0.3])
    halves = table.assign(ideal=0.05)
    assert off_ideal(halves, "value")[0] == pytest.approx(0.25)


def test_the_furthest_is_named_in_standard_errors_and_by_ratio_where_they_differ():
    sharp = row("sharp", value=0.4, floor=0.2, spread=0.001, floor_spread=0.001)
    wide = row("wide", value=0.9, floor=0.1, spread=0.1)
    answer = fidelity_answer(pd.DataFrame([sharp, wide]))
    assert "furthest off: sharp 0.4, real 0.2 (100.0 standard errors, 2 times" in answer
    assert "and by ratio wide 0.9, real 0.1 (8.0 standard errors, 9 times" in answer


def test_the_answer_names_the_worst_measure_and_copies():
    bad, good = row("judge_trees", value=0.45), row("coverage", value=0.1, better="higher")
    near = row(NEAREST, value=0.4, floor=1.0, better="one")
    answer = fidelity_answer(pd.DataFrame([bad, good, near]))
    assert answer.startswith("Easily told from real series: 2 of 3 measures are worse. Boosted ")
    assert (
        "right about 95 of 100 windows, samples or real (between real windows about 60;" in answer
    )
    assert "1 of 3 measures are as good as for real windows (n = 500)" in answer
    assert "closest-record distance ratio 0.4, real 1" in answer
    assert "points to copies" in answer
    assert answer.endswith("No privacy guarantee follows from these measures.")
    searched = fidelity_answer(pd.DataFrame([bad, good, near]), searched=True)
    assert "(ratio" not in searched  # what the search says stands beside it
    assert searched.endswith("No privacy guarantee follows from these measures.")
    answer = fidelity_answer(pd.DataFrame([bad, good]))
    furthest = "furthest off: discriminative score of boosted trees 0.45, real 0.1 (24.7 standard"
    assert furthest in answer
    assert "errors, 4.5 times" in answer
    assert "1 of 1" in fidelity_answer(pd.DataFrame([good]))


def test_the_answer_begins_in_plain_words():
    worse, good = row(value=0.9), row(value=0.1)
    noisy = row(value=0.5, floor=0.2, floor_spread=0.2)

    def first(*rows):
        return fidelity_answer(pd.DataFrame(rows)).split(".")[0]

    assert first(good, good) == "As like real series as others are"
    assert first(good, noisy) == "No measure tells the samples from real series for certain"
    assert first(good, worse) == "Near to real series, and told from them by 1 of 2 measures"
    assert first(worse, worse, good) == "Easily told from real series: 2 of 3 measures are worse"


def test_beside_an_ideal_floor_there_is_no_ratio_to_name():
    far = row("step_distance", value=0.9, floor=0.1)
    ideal = row("linear_predictive_ratio", value=1.4, floor=0.9) | {"ideal": 1.0}
    answer = fidelity_answer(pd.DataFrame([far | {"ideal": 0.0}, ideal]))
    assert "furthest off: step distance 0.9" in answer
    assert "by ratio" not in answer
