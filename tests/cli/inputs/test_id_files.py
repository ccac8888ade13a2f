"""Files of ids beside a log: nobody on an opt-out list is ever in an output."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tsgen.cli.inputs import read_excluded, read_id_file
from tsgen.cli.main import app
from tsgen.data import Vocabulary, read_id_list
from tsgen.errors import DataError, DataWarning

runner = CliRunner()
READ = ["--read", "user_id=Kunden-Nr.", "--read", "item_id=Artikel", "--read", "timestamp=Datum"]
NEW = 99_999
START = pd.Timestamp("2024-01-01")
FAST = ["--set", "horizon=7D", "--set", "relevance=popularity", "--set", "repeats=none"]


def run(*words):
    return runner.invoke(app, [str(word) for word in words])


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """A log with whole numbers as ids, and a newer one with a heavy customer who is new."""
    folder = tmp_path_factory.mktemp("shop")
    random = np.random.default_rng(0)
    table = pd.DataFrame({
        "Kunden-Nr.": 17_000 + random.integers(0, 20, 400), "Artikel": random.integers(1, 4, 400),
        "Datum": START + pd.to_timedelta(random.integers(0, 60 * 1440, 400), "min"),
    }).drop_duplicates()  # fmt: skip
    newer = pd.DataFrame({
        "Kunden-Nr.": NEW, "Artikel": 1, "Datum": pd.date_range("2024-02-01", periods=50, freq="8h")
    })  # fmt: skip
    table.to_csv(folder / "train.csv", index=False)
    pd.concat([table, newer]).to_csv(folder / "newer.csv", index=False)
    result = run(
        "train", "rim", folder / "train.csv", "-o", folder / "model", "--seed", 1, *READ, *FAST
    )
    assert result.exit_code == 0, result.output
    return folder


def audience(shop, tmp_path, content, *words, name="out.txt", size=30):
    path = tmp_path / name
    if isinstance(content, pd.DataFrame):
        content.to_parquet(path)
    else:
        path.write_text(content, encoding="utf-8")
    return run("audience", shop / "model", "--item", 1, "--size", size, "--exclude", path,
               "--events", shop / "newer.csv", *READ, "--json", *words)  # fmt: skip


def users(result):
    assert result.exit_code == 0, result.output
    return {row["user_id"] for row in json.loads(result.stdout)["rows"]}


LISTS = {
    "lines": ("99999\n17001\n", "out.txt"),
    "blanks and zeros": ("  099999 \r\n17001.0\r\n\r\n", "out.txt"),
    "heading of the log": ("Kunden-Nr.\n99999\n17001\n", "out.txt"),
    "usual heading": ("user_id\n99999\n17001\n", "out.txt"),
    "a heading of its own": ("Abgemeldet\n99999\n17001\n", "out.txt"),
    "byte order mark": ("\ufeff99999\n17001\n", "out.txt"),
    "csv": ("Name;Kunden-Nr.\nAnn;99999\n;17001\n", "out.csv"),
    "csv by the usual name": ("user_id,why\n99999,law\n17001,\n", "out.csv"),
    "csv of one column": ("opt out\n'99999\n17001\n", "out.csv"),
    "csv without a heading": ("99999\n17001\n", "out.csv"),
    "formulas": ('Kunden-Nr.,x\n"=""99999""",1\n"=""17001""",2\n', "out.csv"),
    "parquet of floats": (pd.DataFrame({"Kunden-Nr.": [99999.0, 17001, None]}), "out.parquet"),
    "parquet of text": (pd.DataFrame({"x": 1, "user_id": ["99999 ", "17001"]}), "out.parquet"),
}


@pytest.mark.parametrize("kind", LISTS)
def test_nobody_on_the_list_is_in_the_output(shop, tmp_path, kind):
    content, name = LISTS[kind]
    result = audience(shop, tmp_path, content, name=name)
    assert users(result) == {17_000 + k for k in range(20)} - {17_001}
    counts = json.loads(result.stdout)["counts"]
    assert (counts["excluded"], counts["unknown"]) == (2, 0)
    assert (counts["eligible"], counts["wanted"], counts["got"]) == (19, 30, 19)
    assert "19 of 30 wanted, from 19 eligible users; 2 excluded by the list" in result.stderr
    rows = pd.DataFrame(json.loads(result.stdout)["rows"])
    assert counts["expected_events"] == pytest.approx(rows["intensity"].sum())
    assert counts["expected_buyers"] == pytest.approx(rows["probability"].sum())


def test_somebody_who_is_on_no_list_is_in_the_output(shop, tmp_path):
    assert NEW in users(audience(shop, tmp_path, "17001\n"))


@pytest.mark.parametrize(
    "heading",
    ["user_id", "Kunden-Nr.", "Abgemeldet", "Opt-out", "E-Mail", "customer number", "Unsubscribed"],
)
@pytest.mark.parametrize("name", ["out.txt", "out.csv", "OUT.CSV"])
def test_a_list_of_nobody_with_a_heading_is_accepted(shop, tmp_path, heading, name):
    assert NEW in users(audience(shop, tmp_path, f"{heading}\n", name=name))


def test_a_table_of_nobody_may_have_any_heading_and_a_line_of_text_may_not(shop, tmp_path):
    assert NEW in users(audience(shop, tmp_path, "Verteiler\n", name="out.csv"))
    result = audience(shop, tmp_path, "Verteiler\n")
    assert result.exit_code == 1
    assert "None of the 1 users to exclude is known" in result.stderr


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("", "out.txt", "is empty"),
        ('user_id,why\n17002,law\n"17001,law\n99999,law\n', "out.csv", "goes on over several"),
        ('user_id\n17002\n"17001\n99999\n', "out.csv", "a quote that is never closed"),
        ("", "out.csv", "is empty"),
        ("ann@x.de\nben@x.de\n", "out.txt", "None of the 2 users to exclude is known"),
        ("nr,why\n99999,law\n", "out.csv", "has no column 'Kunden-Nr.'. It has: nr, why"),
        ("user_id,out\n99999,True\n", "out.parquet", "not"),
        ('user_id,why\n"17002","law\n"99999",x\n', "out.csv", "never closed (line 3, or before"),
        ('user_id,why\n17002,"law\n99999,x\n', "out.csv", "never closed (line 3, or before"),
        ('user_id,why\n17002,"law\n99999,x\n17001,"\n', "out.csv", "is the row of '99999'"),
        ("17001\n99999 moved\n17002 (asked)\n", "out.txt", "hold an id of the log and more"),
    ],
)
def test_a_list_that_leaves_nobody_out_is_refused(shop, tmp_path, content, name, message):
    result = audience(shop, tmp_path, content, name=name)
    assert result.exit_code == 1
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not result.stdout


def test_a_list_of_strangers_is_accepted_where_one_says_so(shop, tmp_path):
    result = audience(shop, tmp_path, "ann@x.de\n", "--on-unknown", "warn")
    assert NEW in users(result)
    assert "None of the 1 users to exclude is known" in result.stderr


def test_users_and_items_are_read_in_the_kind_of_the_log_in_use(shop, tmp_path):
    newer = ["--events", shop / "newer.csv", *READ]
    result = run("recommend", shop / "model", "--user", NEW, "--size", 2, *newer)
    assert result.exit_code == 0, result.output
    (tmp_path / "users.txt").write_text("Kunden-Nr.\n099999\n17001.0\n")
    result = run(
        "recommend", shop / "model", "--users", tmp_path / "users.txt", "--size", 1, *newer
    )
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == [
        "user_id",
        "99999",
        "17001",
    ]
    (tmp_path / "items.csv").write_text("Artikel,Preis\n2,1.5\n01,2\n")
    listed = ["audience", shop / "model", "--items", tmp_path / "items.csv", "--size", 1]
    assert "--read timestamp=Datum has no effect" in run(*listed, *READ).output
    result = run(*listed, *READ[:4])  # the columns of ids
    assert result.exit_code == 0, result.output
    assert [line.split(",")[0] for line in result.stdout.splitlines()] == ["item_id", "2", "1"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"u01\0\nu02\n", "has a NUL byte"),
        ("u01\nu02".encode("utf-16"), "is no table of text: it has NUL bytes"),
        ("\u00e9\nu01".encode("latin-1"), "is not UTF-8 text"),
    ],
)
def test_lists_that_are_no_text_are_refused_and_nobody_slips_through(tmp_path, content, told):
    (tmp_path / "ids.txt").write_bytes(content)
    known = Vocabulary(pd.Index(["u01", "u02"], dtype=object), "user")
    with pytest.raises(DataError, match=told):
        read_id_file(tmp_path / "ids.txt", "user_id", known)


def known_of(*ids):
    return Vocabulary(pd.Index(list(ids), dtype=object), "user")


def test_lines_end_where_programs_end_them_and_nowhere_else(tmp_path):
    known = known_of("a\u2028b", "c\x0bd", "e", "f\ng")
    (tmp_path / "ids.txt").write_text("a\u2028b\r\nc\x0bd\re\n", newline="")
    assert read_id_file(tmp_path / "ids.txt", "user_id", known) == ["a\u2028b", "c\x0bd", "e"]
    table = pd.DataFrame({"user_id": ["a\u2028b", "f\ng", "e"], "why": 1})
    table.to_csv(tmp_path / "ids.csv", index=False)
    assert read_id_file(tmp_path / "ids.csv", "user_id", known) == ["a\u2028b", "f\ng", "e"]


def test_single_floats_of_a_file_stay_single_so_that_they_mean_all_that_they_may(tmp_path):
    known = Vocabulary(pd.Index([2**24, 2**24 + 1, 7]), "user")
    column = pd.Series([2**24 + 1], dtype="float32", name="user_id")
    column.to_frame().to_parquet(tmp_path / "ids.parquet")
    ids = read_id_file(tmp_path / "ids.parquet", "user_id", known)
    with pytest.warns(DataWarning, match="fit several ids"):
        assert read_id_list(ids, known).codes.tolist() == [0, 1]


@pytest.mark.parametrize("first", ["zoe", "christopher", "key", "blocked-bob"])
def test_a_first_line_is_a_heading_by_its_words_alone_where_ids_may_be_new(tmp_path, first):
    known = known_of("u1", "u2")
    (tmp_path / "ids.txt").write_text(f"{first}\nu1\n")
    assert read_id_file(tmp_path / "ids.txt", "user_id", known) == ["u1"]
    assert read_id_file(tmp_path / "ids.txt", "user_id", known, whole=False) == [first, "u1"]
    (tmp_path / "ids.txt").write_text("User-ID\nu1\n")
    assert read_excluded(tmp_path / "ids.txt", "user_id", known, whole=False) == ["u1"]
    assert read_excluded(None, "user_id", known) is None


def test_a_remark_of_several_lines_is_none_of_the_list(tmp_path):
    known = Vocabulary(pd.Index([1003, 1010]), "user")
    text = 'user_id,why\r\n1003,"moved,\r\nwith 3 kids, 1010"\r\n1010,x\r\n'
    (tmp_path / "ids.csv").write_text(text, newline="")
    assert read_id_file(tmp_path / "ids.csv", "user_id", known) == ["1003", "1010"]


def test_the_index_of_a_table_of_pandas_may_be_the_ids(tmp_path):
    known = Vocabulary(pd.Index(range(40)), "user")
    table = pd.DataFrame({"user_id": [20, 21], "n": [1, 2]})
    for stored in (table.set_index("user_id"), table.set_index("user_id", drop=False),
                   table.set_index(["user_id", "n"]), table[["user_id"]][::-1][:2],
                   pd.DataFrame({"user_id": [0, 20, 21]})[1:]):  # fmt: skip
        stored.to_parquet(tmp_path / "ids.parquet")
        assert {*read_id_file(tmp_path / "ids.parquet", "user_id", known)} == {20, 21}
    for counts in (table.rename(columns={"user_id": "customer"}).set_index("customer"),
                   pd.Series([20, 21]).value_counts().to_frame()):  # fmt: skip
        counts.to_parquet(tmp_path / "ids.parquet")
        with pytest.raises(DataError, match="name the column of the ids by --read"):
            read_id_file(tmp_path / "ids.parquet", "user_id", known)
