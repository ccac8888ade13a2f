"""Tables are written by their suffix, whole or not at all."""

import gzip

import pandas as pd
import pytest

from tsgen.cli.outputs import check_table, write_table
from tsgen.errors import OutputError

TABLE = pd.DataFrame({"user_id": ["=1+1", "b"], "rank": [1, 2]})


READERS = {
    ".csv": pd.read_csv,
    ".csv.gz": pd.read_csv,
    ".parquet": pd.read_parquet,
    ".jsonl": lambda path: pd.read_json(path, lines=True),
}


@pytest.mark.filterwarnings("ignore::tsgen.errors.TsgenWarning")
@pytest.mark.parametrize("suffix", sorted(READERS))
def test_a_table_is_written_by_its_suffix_and_read_back(tmp_path, suffix):
    place = tmp_path / f"t{suffix}"
    write_table(TABLE, place, overwrite=False)
    pd.testing.assert_frame_equal(READERS[suffix](place), TABLE)
    with pytest.raises(OutputError, match="exists already"):
        write_table(TABLE, place, overwrite=False)
    write_table(TABLE[:1], place, overwrite=True, spreadsheet_safe=True)
    kept = "'=1+1" if suffix.startswith(".csv") else "=1+1"
    assert READERS[suffix](place)["user_id"].tolist() == [kept]


def test_a_packed_table_does_not_depend_on_the_time(tmp_path):
    write_table(TABLE[1:], tmp_path / "t.csv.gz", overwrite=False)
    content = (tmp_path / "t.csv.gz").read_bytes()
    assert content[4:8] == bytes(4)
    assert gzip.decompress(content).startswith(b"user_id,rank")


def test_a_table_of_unknown_kind_is_refused(tmp_path):
    check_table(None)
    with pytest.raises(OutputError, match=r"t.xls is of an unknown kind; use .csv, .csv.gz"):
        check_table(tmp_path / "t.xls")
