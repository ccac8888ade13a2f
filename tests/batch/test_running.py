"""A batch from input to output: interrupted, resumed, refused, and the same by every way."""

import dataclasses
import re

import pandas as pd
import pytest

from tsgen.batch import AudienceBatch, ScoreBatch, preparation, run_batch, running
from tsgen.batch.locations import Source
from tsgen.errors import (
    DataError,
    DataWarning,
    ModelFormatError,
    OutputError,
    SettingsError,
    TooLargeError,
    TrainingInterruptedError,
)

TASK = ScoreBatch(items=(100, 104))


def scored(shop, output, **how):
    folder, _, _ = shop
    how = {"jobs": 1, "partitions": 5} | how
    return run_batch(folder / "model", TASK, folder / "log.parquet", output, **how)


@pytest.fixture
def killed_after(monkeypatch):
    def after(number):
        def engine(work, partitions, jobs):
            for count, partition in enumerate(partitions):
                if count == number:
                    raise KeyboardInterrupt
                yield work(partition)

        monkeypatch.setattr(running, "engine_of", lambda name: engine)

    return after


def test_an_interrupted_batch_goes_on_and_ends_with_the_same_bytes(
    shop, written, killed_after, monkeypatch
):
    scored(shop, written("whole.parquet"))
    killed_after(2)
    with pytest.raises(TrainingInterruptedError, match="2 partitions are finished"):
        scored(shop, written())
    assert not written().exists()
    finished = sorted(written("out.parquet.batch").glob("results/*.parquet"))
    assert len(finished) == 2
    before = [path.stat().st_mtime_ns for path in finished]
    monkeypatch.undo()
    seen = []

    def recorded(work, partitions, jobs):
        seen.extend(p.number for p in partitions)
        assert [path.stat().st_mtime_ns for path in finished] == before
        yield from map(work, partitions)

    monkeypatch.setattr(running, "engine_of", lambda name: recorded)
    result = scored(shop, written())
    assert (result.resumed, result.num_partitions, len(seen)) == (2, 5, 3)
    assert written().read_bytes() == written("whole.parquet").read_bytes()
    assert not written("out.parquet.batch").exists()


def test_a_split_that_was_stopped_begins_anew(shop, written, monkeypatch):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(preparation, "split_blocks", stopped)
    with pytest.raises(KeyboardInterrupt):
        scored(shop, written())
    monkeypatch.undo()
    assert scored(shop, written()).rows == 2 * len(shop[2].users)


def test_a_run_killed_while_it_wrote_what_was_split_begins_anew(shop, written):
    place = written("out.parquet.batch")
    for name in ("partitions", "results", ".batch.json.tsgen-abcd1234"):
        (place / name).mkdir(parents=True)
    (place / ".tsgen-lock-batch.json").touch()
    (place / "partitions" / "00000.parquet").write_bytes(b"half")
    assert scored(shop, written()).rows == 2 * len(shop[2].users)
    assert not place.exists()


def test_the_parts_of_another_batch_are_not_mixed_in(shop, written, killed_after, monkeypatch):
    folder, _, _ = shop
    killed_after(1)
    with pytest.raises(TrainingInterruptedError):
        scored(shop, written())
    monkeypatch.undo()
    other = dataclasses.replace(TASK, items=(101,))
    arguments = (folder / "model", other, folder / "log.parquet", written())
    with pytest.raises(OutputError, match="of another batch"):
        run_batch(*arguments, jobs=1)
    assert run_batch(*arguments, jobs=1, overwrite=True).resumed == 0


def test_a_foreign_folder_in_the_way_stays(shop, written):
    place = written("out.parquet.batch")
    place.mkdir()
    (place / "letters.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not of tsgen"):
        scored(shop, written(), overwrite=True)
    assert (place / "letters.txt").read_text() == "mine"


def test_a_csv_and_a_parquet_hold_the_same(shop, written, same_rows):
    scored(shop, written("a.csv"))
    scored(shop, written("b.parquet"))
    read = pd.read_csv(written("a.csv"))
    same_rows(read, pd.read_parquet(written("b.parquet")), ["user_id", "item_id"])


def test_an_output_that_exists_stays_unless_it_may_be_replaced(shop, written):
    written().write_text("mine")
    with pytest.raises(OutputError, match="exists already"):
        scored(shop, written())
    assert written().read_text() == "mine"


def test_what_partitions_warn_of_is_said_once_though_their_numbers_differ(shop, written, tmp_path):
    folder, _, events = shop
    table = events.to_frame()
    table.loc[::10, "item_id"] = 777
    table.to_parquet(tmp_path / "log.parquet")
    with pytest.warns(DataWarning) as caught:
        run_batch(folder / "model", TASK, tmp_path / "log.parquet", written(), jobs=1, partitions=3)
    assert len(caught) == 1
    assert re.fullmatch(
        r"\d+ events of items that the model does not know are left out. \(In 3 of 3 partitions, "
        r"each with its own numbers.\)",
        str(caught[0].message),
    )


def test_a_partition_that_fails_leaves_the_finished_ones(shop, written, monkeypatch):
    folder, _, _ = shop
    apply, calls = ScoreBatch.apply, []

    def second_fails(task, model, table, end):
        calls.append(len(table))
        if len(calls) == 2:
            raise DataError("row 7 is no event")
        return apply(task, model, table, end)

    monkeypatch.setattr(ScoreBatch, "apply", second_fails)
    how = {"jobs": 1, "partitions": 4}
    with pytest.raises(
        DataError, match=r"^row 7 is no event 1 partitions are finished and kept in"
    ):
        run_batch(folder / "model", TASK, folder / "log.parquet", written(), **how)
    result = run_batch(folder / "model", TASK, folder / "log.parquet", written(), **how)
    assert (result.resumed, len(calls)) == (1, 2 + 3)


def test_more_partitions_for_less_memory(shop):
    folder, _, _ = shop
    size = (folder / "log.parquet").stat().st_size
    log = Source(str(folder / "log.parquet"))
    few = running._num_partitions(log, 2, f"{size * 2 * running._GROWTH}")
    many = running._num_partitions(log, 2, f"{size}")
    assert (few, many) == (2, 2 * running._GROWTH)
    with pytest.raises(TooLargeError, match=r"with 1 bytes of memory, more than 4,096"):
        running._num_partitions(log, 2, "1B")


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"jobs": 0}, "jobs=0 is not possible"),
        ({"partitions": 0}, "partitions=0 is not possible"),
        ({"memory": "much", "partitions": None}, "'much' is no size of memory"),
        ({"memory": "2GB", "partitions": 2}, "memory has no effect with partitions"),
        ({"engine": "lokal"}, "Did you mean 'local'"),
    ],
)
def test_impossible_arguments_are_named(shop, written, how, said):
    with pytest.raises(SettingsError, match=said):
        scored(shop, written(), **how)


def test_another_kind_of_model_is_refused(shop, written, tmp_path):
    folder, _, _ = shop
    from tsgen.batch import ForecastBatch

    with pytest.raises(ModelFormatError, match="this task needs a psa-gan-c model"):
        run_batch(folder / "model", ForecastBatch(), folder / "log.parquet", written())


def test_unknown_kinds_of_output_are_refused(shop, written):
    folder, _, _ = shop
    with pytest.raises(OutputError, match="unknown kind"):
        run_batch(
            folder / "model", AudienceBatch(items=(100,)), folder / "log.parquet", written("x")
        )


def test_ids_that_a_spreadsheet_would_run_are_warned_of_once_or_neutralised(tmp_path):
    pieces = [pd.DataFrame({"user_id": [f"={k}", f"@{k}"], "rank": k}) for k in range(3)]
    with pytest.warns(DataWarning, match="a spreadsheet that opens the file may run them") as told:
        assert running._written(iter(pieces), tmp_path / "a.csv", False, False) == 6
    assert len(told) == 1
    running._written(iter(pieces), tmp_path / "b.csv", False, True)
    running._written(iter(pieces), tmp_path / "c.parquet", False, False)
    for name, begin in (("a.csv", ""), ("b.csv", "'")):
        ids = pd.read_csv(tmp_path / name)["user_id"].tolist()
        assert ids == [f"{begin}{sign}{k}" for k in range(3) for sign in "=@"]


def test_what_a_batch_writes_is_neutralised_where_it_is_asked_for(shop, written, monkeypatch):
    asked = []
    monkeypatch.setattr(running, "csv_safe", lambda part, path, safe: asked.append(safe) or part)
    scored(shop, written("s.csv"), spreadsheet_safe=True)
    assert asked
    assert all(asked)
