"""The cells of a forecasting study: which there are, and where they are kept."""

from forecast_doubles import made_study_of as study_of
from tsgen.evaluation.forecast.cells import (
    ForecastCell,
    cells_of,
    read_cell,
    runs_of,
    write_forecast_cell,
)


def test_cells_go_seed_by_seed_through_arms_and_forecasters():
    two = {"last": {"estimator": "toy_forecasters:LastValue"}, "naive": {"estimator": "npts"}}
    study = study_of(regimes=({}, {"series": 0.5}), forecasters=two)
    assert [(c.regime, c.seed, c.arm, c.forecaster) for c in cells_of(study)] == [
        (regime, seed, arm, forecaster)
        for regime in (0, 1) for seed in (1, 2) for arm in ("real", "jitter", "made")
        for forecaster in ("last", "naive")
    ]  # fmt: skip


def test_samples_that_are_the_forecast_need_no_forecaster():
    study = study_of(task="direct", arms={"real": {}, "made": {"method": "asked"}}, seeds=(1,))
    assert [(c.arm, c.forecaster) for c in cells_of(study)] == [
        ("real", "last"),
        ("made", "samples"),
    ]


def test_a_cell_is_kept_under_all_that_its_numbers_depend_on_and_nothing_else(tmp_path):
    cell, study = ForecastCell(0, 1, "jitter", "last"), study_of()
    place = cell.path(study, "data", tmp_path)
    assert place.parent == tmp_path
    assert place.name.startswith("jitter-last-1-")
    assert place.suffix == ".json"
    unchanged = [
        study_of(question="Why?"), study_of(seeds=(1, 5)), study_of(data="elsewhere"),
        study_of(regimes=({}, {"series": 0.5})),
        study_of(arms={"jitter": {"method": "jitter"}, "scaling": {"method": "scaling"}}),
        study_of(primary={"forecaster": "last", "arm": "jitter"}),
    ]  # fmt: skip
    assert {cell.path(other, "data", tmp_path) for other in unchanged} == {place}
    changed = [
        study_of(num_windows=3), study_of(prediction_length=7), study_of(part="validation"),
        study_of(test_on="all"), study_of(regimes=({"series": 0.5},)),
        study_of(arms={"jitter": {"method": "jitter", "ratio": 2}}),
        study_of(forecasters={"last": {"estimator": "toy_forecasters:LastValue",
                                       "settings": {"steps": 3}}}),
    ]  # fmt: skip
    others = {cell.path(other, "data", tmp_path) for other in changed}
    others |= {cell.path(study, "other data", tmp_path)}
    others |= {ForecastCell(0, *rest).path(study, "data", tmp_path) for rest in
               [(2, "jitter", "last"), (1, "real", "last"), (1, "jitter", "samples")]}  # fmt: skip
    assert len(others) == len(changed) + 4
    assert place not in others


def test_settings_in_another_order_are_the_same_cell(tmp_path):
    estimator, settings = "toy_forecasters:LastValue", {"steps": 3, "rate": 0.5}
    turned = dict(reversed(settings.items()))
    places = {
        ForecastCell(0, 1, "jitter", "last").path(study, "data", tmp_path)
        for study in (
            study_of(forecasters={"last": {"estimator": estimator, "settings": values}})
            for values in (settings, turned)
        )
    }
    assert len(places) == 1


def test_what_is_written_is_read_and_what_is_damaged_is_not_there(tmp_path):
    place = tmp_path / "cells" / "cell.json"
    assert read_cell(place) is None
    for content in ({"a": 1}, {"a": [None, 0.5]}):
        write_forecast_cell(place, content)
        assert read_cell(place) == content
    for text in ("{", "[1, 2]", "3", ""):
        place.write_text(text)
        assert read_cell(place) is None


def test_draws_and_generators_are_crossed_with_seeds_and_real_series_have_no_generator():
    study = study_of(regimes=({"series": 0.5},), draws=(3, 4), generator_seeds=(7, 8))
    cells = cells_of(study)
    assert len(cells) == len(set(cells)) == 2 * 2 * (1 + 2 + 2)
    assert {c.generator for c in cells if c.arm == "real"} == {None}
    assert {(c.draw, c.seed, c.generator) for c in cells if c.arm == "made"} == {
        (d, s, g) for d in (3, 4) for s in (1, 2) for g in (7, 8)
    }
    assert runs_of(study, "jitter", "real") == runs_of(study, "real", "jitter") == [
        (d, g, s) for d in (3, 4) for g in (7, 8) for s in (1, 2)
    ]  # fmt: skip
    assert runs_of(study_of(), "jitter", "real") == [(0, None, 1), (0, None, 2)]


def test_draws_and_generators_have_cells_of_their_own(tmp_path):
    study = study_of()
    ways = ((), (1,), (0, 7), (1, 7), (2,), (0, 8))
    cells = [ForecastCell(0, 1, "jitter", "last", *more) for more in ways]
    assert len({cell.path(study, "data", tmp_path) for cell in cells}) == len(ways)
    assert cells[0] in cells_of(study)
    more = study_of(regimes=({"series": 0.5}, {}), generator_seeds=(7,))
    assert cells[2].path(study, "data", tmp_path) != cells[0].path(more, "data", tmp_path)
    plain = study_of(generator_seeds=(7, 8))  # what is crossed changes no cell
    assert cells[2].path(plain, "data", tmp_path) == cells[2].path(study, "data", tmp_path)
