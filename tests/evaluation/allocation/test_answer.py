import pandas as pd

from tsgen.evaluation.allocation.answer import _range, _signed, allocation_answer


def table(low=1.0):
    arms = {"model": 20.0, "one after another": 15.0, "popularity": 18.0, "recency": 12.0,
            "random": 5.0, "hindsight": 40.0}  # fmt: skip
    rows = [
        {"arm": arm, "metric": "value", "value": value, "low": value - 2, "high": value + 2,
         "difference": 20 - value, "difference_low": low, "difference_high": 9.0}
        for arm, value in arms.items()
    ]  # fmt: skip
    return pd.DataFrame([*rows, {"arm": "model", "metric": "contacts", "value": 24.0}])


def facts(*leads):
    windows = [{"leads": {"one after another": [lead], "random": [lead]}} for lead in leads]
    test = {"horizon": "14 days", "begins": "2024-03-01 00:00", "ends": "2024-04-12 00:00"}
    return {"test": test, "windows": windows, "campaigns": [{"expected_value": 21.0, "cost": 0.0}]}


def test_one_window_is_told_with_its_best_rule():
    text = allocation_answer(table(), facts(5.0))
    assert text.startswith("In the 14 days from 2024-03-01, the 24 contacts")
    assert "worth 20 [18 to 22] (expected: 21)" in text
    assert "by popularity 18 (more: +2 [+1, +9])" in text
    assert "in hindsight at most 40" in text
    assert "ahead" not in text
    assert "no clear difference" in allocation_answer(table(low=-1.0), facts(5.0))


def test_several_windows_say_in_how_many_the_model_was_ahead():
    text = allocation_answer(table(), facts(5.0, -1.0, 2.0))
    assert "In 3 windows of 14 days from 2024-03-01 to 2024-04-12, on average" in text
    assert "ahead of one campaign after another in 2 of 3 and of random in 2 of 3" in text


def test_the_best_size_is_told_where_contacts_cost_something():
    size = {"contacts": 30, "low": 20, "high": 44, "most": 90, "foreseen": 33}
    known = facts(5.0) | {"best_size": size}
    assert "profit was greatest" not in allocation_answer(table(), known)
    known["campaigns"][0]["cost"] = 3.0
    assert "30 contacts [20 to 44] of 90; the model would have chosen 33" in allocation_answer(
        table(), known
    )


def test_great_amounts_are_written_out_and_small_ones_end_after_four_digits():
    assert _signed(-12345.6) == "-12,346"
    assert _range({"value": 50.47512, "low": 0.0, "high": 187.051}) == "50.48 [0 to 187.1]"
