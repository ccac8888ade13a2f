"""Models, datasets and runs saved by earlier versions load, and say what they said when saved.

`tests/fixtures/make_saved.py` made the folders; a change of a format adds cases and removes none.
"""

import json
import re
import shutil
from html import unescape

import pandas as pd
import pytest
from typer.testing import CliRunner

import tsgen
from fixtures.make_saved import CASES
from fixtures.make_saved import HOME as SAVED
from tsgen.cli.main import app
from tsgen.data import simulate_series

pytestmark = pytest.mark.filterwarnings("ignore:.*was written by an earlier version")

MODELS = [name for name in CASES if (SAVED / name / "saved" / "model.json").is_file()]
RUNS = [name for name in CASES if name.startswith("run-")]


def tsgen_command(*words):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


SECOND_FORMAT = {"psa-gan-grain"}


def like_csv(table, place):
    """Return a table as it reads after a round through CSV, where all texts and numbers stay."""
    table.to_csv(place, index=False, float_format="%.9g")
    return pd.read_csv(place)


def test_every_case_has_its_folder_and_every_folder_its_case():
    assert {path.name for path in SAVED.iterdir()} == set(CASES)
    assert len(MODELS) == sum(not n.endswith("gluonts") and n[:3] in ("psa", "rim") for n in CASES)


@pytest.mark.filterwarnings("ignore:.*new to the model")
@pytest.mark.parametrize("name", CASES)
def test_a_saved_folder_says_what_it_said_when_it_was_saved(name, tmp_path):
    case = CASES[name]
    expected = pd.read_csv(SAVED / name / "expected.csv")
    answer = like_csv(case.ask(case.load(SAVED / name / "saved")), tmp_path / "answer.csv")
    # Processors add up 32-bit numbers in their own order: small values are sums of large ones.
    largest = expected.select_dtypes("number").abs().max().max()
    pd.testing.assert_frame_equal(answer, expected, rtol=2e-4, atol=max(1e-6, 3e-7 * largest))


@pytest.mark.filterwarnings("ignore:.*new to the model")
@pytest.mark.parametrize("name", MODELS)
def test_a_saved_model_is_inspected_and_saved_anew(name, tmp_path):
    place = SAVED / name / "saved"
    facts = json.loads(tsgen_command("inspect", place, "--json"))
    kind = "rim" if name.startswith("rim") else "psa-gan-c" if "gan-c" in name else "psa-gan"
    saved_as = 2 if name in SECOND_FORMAT else 1
    assert (facts["is"], facts["format"]) == (f"a {kind} model", saved_as)
    model = tsgen.load(place)
    model.save(tmp_path / "again")
    pd.testing.assert_frame_equal(
        CASES[name].ask(tsgen.load(tmp_path / "again")), CASES[name].ask(model), rtol=1e-6
    )


def words(text):
    """A text in one line, however it is broken into lines."""
    return " ".join(text.split())


def words_of(page):
    """The words of a page, without its elements."""
    return words(unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.mark.parametrize("name", RUNS)
def test_a_saved_run_is_inspected_and_reported(name, tmp_path):
    place = SAVED / name / "saved"
    facts = json.loads(tsgen_command("inspect", place, "--json"))
    assert facts["is"] == "a run"
    assert facts["study"] == name.removeprefix("run-")
    tsgen_command("report", place, "-o", tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "<img" in page or "<svg" in page
    assert words(json.loads((place / "result.json").read_text())["answer"]) in words_of(page)


def test_all_runs_come_on_one_page(tmp_path):
    places = [SAVED / name / "saved" for name in RUNS]
    tsgen_command("report", *places, "-o", tmp_path / "page.html")
    page = words_of((tmp_path / "page.html").read_text())
    for place in places:
        assert words(json.loads((place / "result.json").read_text())["answer"]) in page


def test_a_model_that_was_fine_tuned_after_loading_still_knows_its_series():
    model = tsgen.load(SAVED / "psa-gan-default" / "saved")
    options = tsgen.TrainingOptions(seed=2, device="cpu", progress=False)
    later = model.fine_tune(simulate_series(3, 120, seed=1), num_steps=2, options=options)
    assert later.sample(1, items=["series-1"], seed=1).item_ids == ("synthetic/series-1/0",)


def test_a_model_without_a_grain_says_so_once_when_it_is_loaded(caplog):
    model = tsgen.load(SAVED / "psa-gan-default" / "saved")
    model.sample(2, seed=1)
    told = [record.getMessage() for record in caplog.records if "earlier version" in record.msg]
    assert len(told) == 1
    assert "remembers no grids" in told[0]
    caplog.clear()
    tsgen.load(SAVED / "psa-gan-grain" / "saved")
    assert not caplog.records


def test_a_saved_run_that_was_edited_is_refused(tmp_path):
    shutil.copytree(SAVED / "run-audience" / "saved", tmp_path / "run")
    with (tmp_path / "run" / "table.csv").open("a") as file:
        file.write("\n")
    result = CliRunner().invoke(
        app, ["report", str(tmp_path / "run"), "-o", str(tmp_path / "p.html")]
    )
    assert result.exit_code == 1
    assert "missing or damaged" in result.stderr
