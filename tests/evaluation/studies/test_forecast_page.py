"""The page of a forecasting study: differences in per cent of the other arm, with intervals."""

import numpy as np
import pandas as pd

from tsgen.evaluation.studies.forecast_page import forecast_page
from tsgen.results import StudyResult

ROW = {
    "metric": "mwql", "value": 0.9, "spread": 0.05, "better": "lower", "n": 10,
    "protocol": "Rolling windows",
    "seed": 1, "role": "primary", "regime": "all", "forecaster": "DeepAR", "arm": "ours",
    "reference": "real", "floor": 1.2, "floor_spread": 0.04, "difference": -0.3,
    "difference_low": -0.6, "difference_high": 0.06, "difference_low_series": -0.12,
    "difference_high_series": 0.24, "num_seeds": 5,
}  # fmt: skip
FACTS = {
    "question": "Does it help?",
    "cpu_seconds": {"real": 12.4, "ours": 30.6},
    "settings": {"data": "tourism"},
    "cells": {"failed": 2},
}


def page(*rows):
    return forecast_page(
        StudyResult(pd.DataFrame(rows), "It helps.", FACTS), "tourism"
    ).splitlines()


def test_a_line_has_both_arms_and_the_difference_in_per_cent_of_the_other():
    assert page(ROW)[-1] == (
        "| primary | all | DeepAR | ours | real | mwql | 0.9 ± 0.05 | 1.2 ± 0.04 "
        "| -25.0 % [-50.0, +5.0] | [-10.0, +20.0] | 5 |"
    )


def test_an_arm_is_not_held_against_itself():
    itself = ROW | {"arm": "real", "reference": "real"}
    assert [line for line in page(itself, ROW) if line.startswith("| primary")] == page(ROW)[-1:]


def test_without_an_interval_or_a_spread_nothing_is_made_up():
    one = ROW | {"spread": np.nan, "difference_low": np.nan, "difference_low_series": np.nan}
    assert page(one)[-1].endswith("| 0.9 | 1.2 ± 0.04 | -25.0 % |  | 5 |")


def test_the_page_says_what_was_asked_found_spent_and_how_to_repeat_it():
    lines = page(ROW)
    assert lines[0] == "# tourism"
    assert "Does it help?" in lines
    assert "**It helps.**" in lines
    assert "Processor seconds: real 12, ours 31. Failed cells: 2." in lines
    assert "    python evaluation/run.py evaluation/studies/tourism.toml --data DIR" in lines
    assert any(line.startswith("Data: tourism. Rolling windows.") for line in lines)
