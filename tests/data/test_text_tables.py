import gzip

import pandas as pd
import pytest

from tsgen.data import read_text_table
from tsgen.errors import DataError, DataWarning

HEADER = "item_id,timestamp,target\n"


def table_of(tmp_path, text, name="t.csv"):
    content = text.encode("utf-8-sig")
    packed = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
    (tmp_path / name).write_bytes(packed)
    return read_text_table(tmp_path / name, ",")


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_short_lines_are_counted_and_the_first_is_named(tmp_path, name):
    text = HEADER + "a,1,1\na,2\n\na,3,\n   \na\na,5,5\n"
    with pytest.warns(DataWarning) as caught:
        table = table_of(tmp_path, text, name)
    (told,) = caught
    assert str(told.message).startswith(f"2 lines of {tmp_path / name} have fewer than the 3 cells")
    assert "line 3, with 2" in str(told.message)
    assert "cut off" not in str(told.message)
    assert table["target"].isna().sum() == 3  # one of them was left empty on purpose


def test_a_last_line_that_is_short_looks_like_a_file_cut_off(tmp_path):
    with pytest.warns(DataWarning, match=r"^1 lines .* line 3, with 2\).*cut off"):
        table_of(tmp_path, HEADER + "a,1,1\na,2")


def test_lines_in_quotation_marks_count_as_one(tmp_path):
    with pytest.warns(DataWarning, match="line 4, with 2"):
        table_of(tmp_path, HEADER + '"a\nb",1,1\na,"2,3"\n')


def test_whole_lines_and_empty_cells_are_no_fault(tmp_path):
    assert len(table_of(tmp_path, HEADER + "a,1,1\na,2,\n")) == 2
    assert len(table_of(tmp_path, "user_id\nu\n\nv\n")) == 2


def test_more_cells_than_the_header_are_refused_and_empty_ones_are_not(tmp_path):
    table = table_of(tmp_path, HEADER + "a,1,7,\nb,2,8,\n")
    pd.testing.assert_frame_equal(
        table, pd.DataFrame({"item_id": ["a", "b"], "timestamp": [1, 2], "target": [7, 8]})
    )
    with pytest.raises(DataError, match="more cells than the header"):
        table_of(tmp_path, HEADER + "a,1,7,9\nb,2,8,9\n")


def test_nul_bytes_are_refused(tmp_path):
    with pytest.raises(DataError, match="NUL"):
        table_of(tmp_path, HEADER + "a\0,1,7\n")


def test_a_table_of_one_column_has_no_short_lines(tmp_path):
    assert len(table_of(tmp_path, 'user_id\nu\n""\nv\n')) == 3


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz"])
def test_short_lines_are_counted_in_any_alphabet(tmp_path, name):
    text = "straße,ort,größe\nmüller,köln,1\nß,Ω\nя,ж,2\n"
    with pytest.warns(DataWarning, match=r"^1 lines .*fewer than the 3 cells.*line 3, with 2\)"):
        table = table_of(tmp_path, text, name)
    assert table["straße"].tolist() == ["müller", "ß", "я"]


def test_blank_lines_and_lines_of_one_cell_are_two_things(tmp_path):
    with pytest.warns(DataWarning, match=r"^2 lines .*line 3, with 1\).*cut off"):
        table = table_of(tmp_path, "a,b\n1,2\nx\n   \n3,4\n  y")
    assert table["a"].str.strip().tolist() == ["1", "x", "3", "y"]


def test_other_separators_and_the_options_of_pandas_reach_it(tmp_path):
    (tmp_path / "t.tsv").write_text("a\tb\n01\tx\n02\n")
    with pytest.warns(DataWarning, match="line 3, with 1"):
        table = read_text_table(tmp_path / "t.tsv", "\t", dtype=str)
    assert table["a"].tolist() == ["01", "02"]


def test_a_short_line_whose_first_cell_is_empty_counts(tmp_path):
    with pytest.warns(DataWarning, match=r"^1 lines .*line 3, with 2\)"):
        table_of(tmp_path, HEADER + "a,1,1\n,2\na,3,3\n")
