"""Files of ids beside a log: nobody on an opt-out list is ever in an output."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tsgen.cli.inputs import read_id_file
from tsgen.cli.main import app
from tsgen.data import Vocabulary
from tsgen.errors import DataError

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


@pytest.mark.parametrize("heading", ["user_id", "Kunden-Nr."])
@pytest.mark.parametrize("name", ["out.txt", "out.csv"])
def test_a_list_of_nobody_with_a_heading_is_accepted(shop, tmp_path, heading, name):
    assert NEW in users(audience(shop, tmp_path, f"{heading}\n", name=name))


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("", "out.txt", "is empty"),
        ("", "out.csv", "is empty"),
        ("ann@x.de\nben@x.de\n", "out.txt", "None of the 2 users to exclude is known"),
        ("nr,why\n99999,law\n", "out.csv", "has no column 'Kunden-Nr.'. It has: nr, why"),
        ("user_id,out\n99999,True\n", "out.parquet", "not"),
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
