import json

import numpy as np
import pandas as pd
import pytest

from tsgen.errors import DataError, ModelFormatError, OutputError, TsgenWarning
from tsgen.evaluation import StudyResult


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


def result(*rows):
    arrays = {"real": np.arange(6, dtype=np.float32).reshape(2, 3)}
    return StudyResult(pd.DataFrame(rows or [row()]), "Good.", {"seed": 3}, arrays)


def test_a_result_survives_saving_to_the_last_digit(tmp_path):
    before = result(row(), row("coverage", better="higher", value=1 / 3)).with_facts(command="x")
    before.save(tmp_path / "study")
    after = StudyResult.load(tmp_path / "study")
    pd.testing.assert_frame_equal(before.table, after.table, check_exact=True)
    assert (after.answer, after.facts) == ("Good.", {"seed": 3, "command": "x"})
    np.testing.assert_array_equal(after.arrays["real"], before.arrays["real"])
    assert after.value("coverage") == 1 / 3


def test_saving_does_not_overwrite_unasked(tmp_path):
    result().save(tmp_path / "study")
    with pytest.raises(OutputError, match="exists already"):
        result().save(tmp_path / "study")
    result(row(value=9.0)).save(tmp_path / "study", overwrite=True)
    assert StudyResult.load(tmp_path / "study").value("context_fid") == 9.0


def test_a_file_that_no_study_wrote_is_told(tmp_path):
    result().save(tmp_path / "study")
    (tmp_path / "study" / "notes.txt").write_text("mine")
    with pytest.warns(TsgenWarning, match=r"study holds notes\.txt, which tsgen did not write"):
        assert StudyResult.load(tmp_path / "study").answer == "Good."


@pytest.mark.parametrize("name", ["result.json", "table.csv", "arrays.npz"])
@pytest.mark.parametrize("damage", ["absent", "cut"])
def test_a_damaged_folder_is_refused(tmp_path, name, damage):
    result().save(tmp_path / "study")
    file = tmp_path / "study" / name
    if damage == "absent":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(ModelFormatError, match="study"):
        StudyResult.load(tmp_path / "study")


def test_a_newer_format_is_refused(tmp_path):
    result().save(tmp_path / "study")
    file = tmp_path / "study" / "result.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 3}))
    with pytest.raises(ModelFormatError, match="newer tsgen"):
        StudyResult.load(tmp_path / "study")


def test_two_protocols_in_one_table_are_refused():
    with pytest.raises(DataError, match=r"2 protocols \(held-out, authors\)"):
        result(row(), row("coverage", protocol="authors"))
    with pytest.raises(DataError, match="better='nicer'"):
        result(row(better="nicer"))
    with pytest.raises(DataError, match="needs the columns spread, n"):
        StudyResult(pd.DataFrame([row()]).drop(columns=["spread", "n"]), "", {})
    with pytest.raises(DataError, match="no metric 'fid'"):
        result().value("fid")


def test_rows_of_one_metric_are_told_apart_by_further_columns():
    both = result(row(arm="a", value=1.0), row(arm="b", value=2.0))
    assert both.value("context_fid", arm="b") == 2.0
    with pytest.raises(DataError, match="2 rows have the metric 'context_fid'; tell them apart"):
        both.value("context_fid")
    with pytest.raises(DataError, match="0 rows have the metric 'context_fid' and arm='c'"):
        both.value("context_fid", arm="c")


def test_the_history_of_a_training_is_kept_with_its_result(tmp_path):
    rows = [{"step": 1, "loss": 0.5, "stage": "a"}, {"step": 2, "loss": None, "stage": "a"}]
    result().with_history(rows).save(tmp_path / "study")
    first, second = StudyResult.load(tmp_path / "study").history
    assert first == {"step": 1, "loss": 0.5}
    assert np.isnan(second["loss"])
    assert result().history == []
    assert result().with_history([]).history == []
