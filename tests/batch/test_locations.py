"""Inputs and outputs that are elsewhere: the same table as on this machine's disk."""

import fsspec
import pytest

from tsgen.batch import ScoreBatch, run_batch
from tsgen.batch.locations import Destination, Source
from tsgen.errors import DataError, MissingExtraError, OutputError

TASK = ScoreBatch(items=(100, 104))
HOW = {"jobs": 1, "partitions": 3}


@pytest.fixture
def elsewhere(shop, tmp_path, monkeypatch):
    """The shop's two files in fsspec's memory; what is in between goes to an empty folder."""
    monkeypatch.chdir(tmp_path)
    system = fsspec.filesystem("memory")
    system.put(str(shop[0] / "halves"), "/shop/events", recursive=True)
    yield system
    system.rm("/shop", recursive=True)


def test_the_bytes_are_those_of_this_machines_disk(shop, elsewhere, tmp_path):
    model = shop[0] / "model"
    run_batch(model, TASK, shop[0] / "halves", tmp_path / "here.parquet", **HOW)
    result = run_batch(model, TASK, "memory://shop/events", "memory://shop/out.parquet", **HOW)
    assert elsewhere.cat_file("/shop/out.parquet") == (tmp_path / "here.parquet").read_bytes()
    assert result.output == "memory://shop/out.parquet"
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []  # nothing stays in between


@pytest.mark.filterwarnings("default")  # those of the server's own libraries
def test_s3_takes_and_gives_the_bytes_of_this_machines_disk(shop, tmp_path, monkeypatch):
    server = pytest.importorskip("moto.server", reason="moto is not installed")
    s3 = pytest.importorskip("s3fs", reason="s3fs is not installed")
    monkeypatch.chdir(tmp_path)
    storage = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    storage.start()
    where = f"http://127.0.0.1:{storage.get_host_and_port()[1]}"
    for name, value in {
        "ACCESS_KEY_ID": "x",
        "SECRET_ACCESS_KEY": "x",
        "ENDPOINT_URL": where,
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    try:
        system = s3.S3FileSystem()
        system.mkdir("shop")
        system.put(str(shop[0] / "halves"), "shop/events", recursive=True)
        model = shop[0] / "model"
        run_batch(model, TASK, shop[0] / "halves", tmp_path / "here.parquet", **HOW)
        run_batch(model, TASK, "s3://shop/events", "s3://shop/out.parquet", **HOW)
        assert system.cat_file("shop/out.parquet") == (tmp_path / "here.parquet").read_bytes()
        with pytest.raises(OutputError, match=r"s3://shop/out.parquet exists already"):
            run_batch(model, TASK, "s3://shop/events", "s3://shop/out.parquet", **HOW)
        with pytest.raises(DataError, match=r"s3://other/events does not answer as it should"):
            run_batch(model, TASK, "s3://other/events", "s3://shop/b.parquet", **HOW)
    finally:
        storage.stop()


def test_files_tell_another_content(elsewhere):
    before = Source("memory://shop/events").files()
    assert [f.name for f in before] == ["/shop/events/a.parquet", "/shop/events/b.parquet"]
    with elsewhere.open("/shop/events/b.parquet", "wb") as file:
        file.write(b"other")
    after = Source("memory://shop/events").files()
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_an_output_that_is_there_stays_unless_it_may_be_replaced(shop, elsewhere):
    arguments = (shop[0] / "model", TASK, "memory://shop/events", "memory://shop/out.parquet")
    with elsewhere.open("/shop/out.parquet", "wb") as file:
        file.write(b"mine")
    with pytest.raises(OutputError, match=r"memory://shop/out.parquet exists already"):
        run_batch(*arguments, **HOW)
    assert elsewhere.cat_file("/shop/out.parquet") == b"mine"
    assert run_batch(*arguments, **HOW, overwrite=True).rows


def test_a_transfer_that_breaks_keeps_everything_and_goes_on(shop, elsewhere, monkeypatch):
    arguments = (shop[0] / "model", TASK, "memory://shop/events", "memory://shop/out.parquet")

    def broken(*_, **__):
        raise ConnectionResetError("connection reset by peer")

    with monkeypatch.context() as patched:
        patched.setattr(type(elsewhere), "put_file", broken)
        with pytest.raises(OutputError, match="does not answer as it should: connection reset"):
            run_batch(*arguments, **HOW)
    assert not elsewhere.exists("/shop/out.parquet")
    assert run_batch(*arguments, **HOW).resumed == 3


@pytest.mark.parametrize(
    ("place", "error", "said"),
    [
        ("memory://nowhere", DataError, "There is no file or folder memory://nowhere"),
        ("gs://shop/events", MissingExtraError, "gs://shop/events needs a package that is absent"),
        ("teleport://x", DataError, "teleport://x is no address that fsspec knows"),
        ("nowhere", DataError, "There is no file or folder nowhere"),
    ],
)
def test_a_place_where_nothing_is_says_so(place, error, said, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "gcsfs", None)  # as where it is not installed
    with pytest.raises(error, match=said):
        Source(place).check()


def test_a_table_of_an_unknown_kind_is_refused():
    with pytest.raises(OutputError, match=r"s3://shop/out.xlsx is of an unknown kind"):
        Destination("s3://shop/out.xlsx").check(overwrite=False)
