"""KEY=VALUE texts, and advice in the words of the command line."""

import warnings

import pandas as pd
import pytest

from command_line import fail, succeed
from tsgen.cli.inputs.read_texts import advising_options, read_choices
from tsgen.errors import DataError, DataWarning, SettingsError

KEYS = ("item_id", "static", "timezone", "value")


@pytest.mark.parametrize(
    ("change", "spelling"),
    [
        (lambda t: t.rename(columns={"item_id": "meter"}), "--read item_id=..."),
        (lambda t: pd.concat([t, t[:1]]), "--read on_duplicate=..."),
        (lambda t: t.assign(timestamp=range(len(t))), "--read start=... and --read freq=..."),
    ],
)
def test_advice_is_written_as_the_command_line_wants_it(place, tmp_path, change, spelling):
    change(pd.read_csv(place / "load.csv")).to_csv(tmp_path / "load.csv", index=False)
    error = fail("inspect", tmp_path / "load.csv")
    assert spelling.removesuffix("...") in error


def test_warnings_too_are_written_as_the_command_line_wants_them(tmp_path):
    stamps = ["2024-03-01T00:00:00+01:00", "2024-03-02T00:00:00+01:00", "2024-04-03T00:00:00+02:00"]
    table = pd.DataFrame({"user_id": ["a", "b", "a"], "item_id": "x", "timestamp": stamps})
    table.to_csv(tmp_path / "log.csv", index=False)
    words = ["train", "rim", tmp_path / "log.csv", "-o", tmp_path / "m", "--set", "horizon=9D"]
    told = succeed(*words).stderr
    assert "mixes the UTC offsets +01:00, +02:00" in told
    assert "--read timezone=" in told
    assert "mixes" not in succeed(*words, "--overwrite", "--read", "timezone=Europe/Berlin").stderr


def test_texts_are_read_by_key_and_lists_add_up():
    assert read_choices(None, KEYS) == {}
    texts = ["item_id=a=b", "value=", "static=x,y", "static=z"]
    assert read_choices(texts, KEYS) == {"item_id": "a=b", "value": "", "static": "x,y,z"}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            ["item_id"],
            r"--read item_id is not understood\. Write KEY=VALUE with one of: item_id, st",
        ),
        (["timezon=x"], r"--read timezon=x is not understood.*Did you mean 'timezone'"),
        (["item_id=a", "item_id=b"], r"--read item_id= is given twice \(a and b\); give it once"),
    ],
)
def test_texts_that_are_not_understood(texts, message):
    with pytest.raises(SettingsError, match=message):
        read_choices(texts, KEYS)


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        ("Pass timezone='Europe/Paris'.", "Pass --read timezone=Europe/Paris."),
        ("Leave it out, or pass value=''.", "Leave it out, or pass --read value=."),
        ("Say item_id=... and timezone=...", "Say --read item_id=... and --read timezone=..."),
        ("Say --read item_id=a.", "Say --read item_id=a."),
        ("Pass colour='red'.", "Pass colour='red'."),
        ("timezone='UTC' says so.", "--read timezone=UTC says so."),
        ("Pass item_id= and value=.", "Pass --read item_id=... and --read value=...."),
        ("Convert first, pd.to_datetime(table['t'], unit='s').", "Convert first."),
        ("All is well.", "All is well."),
    ],
)
def test_advised_arguments_are_written_as_options(message, advice):
    def failing():
        raise DataError(message)

    def warning():
        warnings.warn(message, DataWarning, stacklevel=1)
        return 7

    with pytest.raises(DataError) as refused:
        advising_options(KEYS, failing)
    assert str(refused.value) == advice
    with pytest.warns(DataWarning) as told:
        assert advising_options(KEYS, warning) == 7
    assert [str(w.message) for w in told] == [advice]
