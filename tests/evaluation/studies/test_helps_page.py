"""The pages of the studies of help."""

from tsgen.evaluation.studies.helps_page import helps_page, many_ways_page, rule_page


def test_the_page_has_ways_datasets_and_rules():
    study = {"question": "Does it help?", "part": "test", "num_series": 5, "reference_seeds": 2,
             "draws": 3, "generator_budget": "7s",
             "arms": {"a-auto": {"data": "a", "way": "auto"},
                      "a-mixing": {"data": "a", "way": "mixing"}}}  # fmt: skip
    change = {"change": {"value": -2.0, "low": -3.0, "high": 1.0}}
    said = {"sureness": {"value": 2.2}, "expected": {"value": -1.5}}
    cells = [
        {"arm": "a-auto", "measures": change | said},
        {"arm": "a-mixing", "measures": change},
        {"arm": "a-mixing", "measures": {"change": {"value": 4.0, "low": 1.0, "high": 7.0}}},
    ]
    page = helps_page(study, cells, "helps")
    assert "| dataset | auto | mixing |" in page
    assert "| a | -2.0 (1) | +1.0 (2) |" in page
    assert "| mixing | 1 | 2 | +1.0 | 50 % | +4.0 |" in page
    assert "| 2 | 1 % | 1 of 1 | -2.0 | -2.0 | 0 % | 0 % |" in page
    only = helps_page(study, cells[1:], "helps")
    assert "## Rules" not in only


def test_the_page_of_many_choices_has_rules_and_datasets():
    study = {"question": "How sure?", "part": "validation", "num_series": 5, "draws": 2,
             "candidates": ["mixing"],
             "arms": {"a": {"data": "a"}, "b": {"data": "b"}}}  # fmt: skip

    def choice(change, sureness):
        measures = {"change": {"value": change, "low": change - 1, "high": change + 1},
                    "sureness": {"value": sureness}, "expected": {"value": -3.0}}  # fmt: skip
        return {"candidate": "mixing 50 %", "measures": measures}

    cells = [
        {"arm": "a", "choices": [choice(-4.0, 3.0), choice(2.0, 1.0)]},
        {"arm": "b", "choices": [choice(0.0, 2.2)]},
    ]
    page = rule_page(study, cells, "rule")
    assert "| any | 0 % | 3 of 3 |" in page
    assert "| 2 | 1 % | 2 of 3 |" in page
    assert "| 2.5 | 2 % | 1 of 3 |" in page
    assert "| a | -1.0 (2) |" in page


def test_many_ways_of_a_cell_are_rows_beside_confirmation_and_pairs():
    study = {"question": "Which?", "part": "test", "num_series": 5, "reference_seeds": 2,
             "draws": 3, "generator_budget": "7s", "confirmation": ["b"],
             "against": {"anew": "once", "anew too": "lost"},
             "ways": {name: {"way": name} for name in ("auto", "once", "anew")},
             "arms": {"a": {"data": "a"}, "b": {"data": "b"}}}  # fmt: skip

    def way(name, change, **said):
        value = {"value": change, "low": change - 1, "high": change + 1}
        return {"way": name, "measures": {"change": value} | said}

    unsure = {"sureness": {"value": 0.4}, "expected": {"value": 0.0}}
    cells = [
        {"arm": "a", "ways": [way("anew", -10.0), way("once", -20.0), way("auto", 3.0, **unsure)]},
        {"arm": "b", "ways": [way("once", 0.0), way("auto", 3.0, **unsure)]},
        {"arm": "b", "ways": [way("once", 10.0), way("anew", 10.0)]},
    ]
    page = many_ways_page(study, cells, "many")
    assert "| dataset | auto | once | anew |" in page
    assert "**Of 3 ways once changed the loss most for the better, by -8.4 [" in page
    assert "below 0): none. Worse for certain: auto. Each" in page
    assert "| auto, by its rule | 2 | 2 | +0.0 [+0.0, +0.0] | 0 % | +0.0 |" in page
    confirmed = page.split("## Confirmation")[1]
    assert "| once | 1 | 2 | +4.9 | 50 % | +10.0 |" in confirmed
    assert "| anew | once | 2 | +6.1 [" in page  # sqrt(0.9 / 0.8)
    assert "anew too" not in page
