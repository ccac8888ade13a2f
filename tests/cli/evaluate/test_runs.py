"""RUN folders: what is saved, and what is shown of it."""

import json

import pytest

from study_results import HISTORY, audience_result, fidelity_result
from tsgen.cli.evaluate import write_run
from tsgen.cli.evaluate.runs import arms_by_metric, deliver_run
from tsgen.errors import OutputError
from tsgen.evaluation import StudyResult


@pytest.fixture(autouse=True)
def plain_page(monkeypatch):
    monkeypatch.setattr(
        "tsgen.report.page_text", lambda result: f"{result.answer} {len(result.history)}"
    )


def test_a_run_is_a_result_with_its_history_and_page(tmp_path):
    write_run(fidelity_result(), tmp_path / "run", overwrite=False, history=HISTORY)
    saved = StudyResult.load(tmp_path / "run")
    assert len(saved.history) == len(HISTORY)
    page = (tmp_path / "run" / "page.html").read_text()
    assert page == f"{saved.answer} {len(HISTORY)}"
    with pytest.raises(OutputError, match="exists already"):
        write_run(fidelity_result(), tmp_path / "run", overwrite=False)
    write_run(fidelity_result(), tmp_path / "run", overwrite=True)


def test_a_delivered_run_is_saved_and_shown(tmp_path, capsys):
    result, output = fidelity_result(), tmp_path / "run"
    deliver_run(result, output, overwrite=False, as_json=False, table="a table", history=HISTORY)
    assert capsys.readouterr().out == f"a table\n\n{result.answer}\n{output}\n"
    assert len(StudyResult.load(output).history) == len(HISTORY)
    deliver_run(result, output, overwrite=True, as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert (shown["run"], shown["answer"]) == (str(output), result.answer)
    assert len(shown["table"]) == len(result.table)


def test_arms_and_metrics_keep_the_order_of_the_result():
    result = audience_result()
    table = result.table.set_index(["arm", "metric"])["value"]
    for rows, columns in (("arm", "metric"), ("metric", "arm")):
        lines = arms_by_metric(result, rows=rows, columns=columns).splitlines()
        assert lines[0].split()[1:] == list(result.table[columns].drop_duplicates())
        assert [line.split()[0] for line in lines[2:]] == list(result.table[rows].drop_duplicates())
        for line in lines[2:]:
            name, *values = line.split()
            for other, value in zip(lines[0].split()[1:], values, strict=True):
                key = (name, other) if rows == "arm" else (other, name)
                assert float(value) == pytest.approx(table[key], rel=1e-4)


def test_rows_are_called_as_people_call_them():
    lines = arms_by_metric(audience_result(), rows="metric", columns="arm", title=str.upper)
    assert "USER_REC_PRECISION" in lines
    assert "user_rec" not in lines
