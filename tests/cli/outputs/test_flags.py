"""Messages of the library name Python's arguments; a verb's name its flags, kind by kind."""

import re
from pathlib import Path
from typing import Annotated

import pytest
import typer

import tsgen
from command_line import fail
from tsgen import load_sample
from tsgen.cli.outputs.flags import flags_of, in_flags
from tsgen.data.series import write_series
from tsgen.errors import OutputError

ROOT = Path(tsgen.__file__).parent


def verb(
    overwrite: Annotated[bool, typer.Option("--overwrite")] = False,
    num_users: Annotated[int, typer.Option(help="How many.")] = 1,
    read_as: Annotated[list[str] | None, typer.Option("--read")] = None,
    change: Annotated[list[str] | None, typer.Option("--change")] = None,
    plain: int = 3,
) -> None:
    """Do nothing."""


FLAGS = {"overwrite": "--overwrite", "num_users": "--num-users", "read_as": "--read"}
FLAGS["change"] = "--change"


def test_a_setting_of_a_plan_is_one_of_set():
    planning = FLAGS | {"set_": "--set"}
    assert in_flags("pass on_unknown='warn' if", planning) == "pass --set on_unknown=warn if"
    own = planning | {"on_unknown": "--on-unknown"}
    assert in_flags("pass on_unknown='warn' if", own) == "pass --on-unknown warn if"


def test_flags_are_those_of_the_verb():
    assert flags_of(verb) == FLAGS


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("allow it with overwrite=True.", "allow it with --overwrite."),
        ("num_users=5, draws=2 is not", "--num-users 5, draws=2 is not"),
        ("num_users=60s is too little", "--num-users 60s is too little"),
        ("reading with on_stray='drop' leaves", "reading with --read on_stray=drop leaves"),
        ("give to_dataset(data, on_stray='drop').", "give --read on_stray=drop."),
        ("give num_users= or less", "give --num-users or less"),
        ("pass on_unknown='warn' if", "pass on_unknown='warn' if"),
        ("say num_users=None", "say --num-users none"),
        ("num_users=many of them", "num_users=many of them"),
        ("x.overwrite==True", "x.overwrite==True"),
        ("more with memory_limit(...) or", "more with --max-memory or"),
        ("overwrite=False", "no --overwrite"),
        ("num_users: '10' is not a time", "--num-users: '10' is not a time"),
        ("shop: num_users: no", "shop: num_users: no"),
        (
            "for example change={'a': 0.0, 'b': 'x y'} or",
            "for example --change a=0.0 --change b=x y or",
        ),
        ("change=, for example other={'a': 0.0} or", "--change, for example other={'a': 0.0} or"),
        (
            "with dynamic=[...] (or past_dynamic=[...]),",
            "with --read dynamic=... (or --read past_dynamic=...),",
        ),
    ],
)
def test_arguments_become_flags_where_the_verb_has_them(text, shown):
    assert in_flags(text, FLAGS) == shown


def test_the_same_error_names_the_argument_in_python_and_the_flag_on_the_command_line(tmp_path):
    from study_results import weather_result

    weather_result().save(tmp_path / "run")
    with pytest.raises(OutputError, match="allow it with overwrite=True") as refusal:
        weather_result().save(tmp_path / "run")
    assert "--" not in str(refusal.value)
    (tmp_path / "page.html").write_text("old")
    said = fail("report", tmp_path / "run", "-o", tmp_path / "page.html")
    assert "allow it with --overwrite" in said
    assert "overwrite=" not in said


def test_wrong_numbers_are_named_as_they_were_given(tmp_path):
    write_series(load_sample().subset(range(2)), tmp_path / "load.csv")
    said = fail("augment", tmp_path / "load.csv", "--by", "mixing", "--ratio", "0", "-o",
                tmp_path / "out.csv")  # fmt: skip
    assert "--ratio 0" in said


def test_no_message_of_the_library_names_a_flag():
    """But what only the command line calls: texts of `--set`, commands of study tables."""
    may = {"settings.py", "evaluation/studies"}
    for path in ROOT.rglob("*.py"):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("cli/") or any(name.startswith(part) for part in may):
            continue
        code = re.sub(r'(""".*?"""|#[^\n]*)', "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not re.search(r"[ (`]--[a-z]", code), name


def test_what_is_in_the_words_of_the_command_line_already_stays():
    assert in_flags("Say target='x'. (Here: --read target=...)", {"target": "--target"}) == (
        "Say --target x. (Here: --read target=...)"
    )


def test_an_argument_whose_option_has_another_name_is_that_option():
    assert in_flags("num_samples=5 is much", {"num_samples": "--number"}) == "--number 5 is much"
    assert in_flags("num_samples=5 is much", FLAGS) == "num_samples=5 is much"


def test_an_argument_under_another_name_is_its_flag(tmp_path):
    write_series(load_sample(), tmp_path / "load.csv")
    said = fail("evaluate", "share", tmp_path / "load.csv", "--prediction-length", "12",
                "--references", "3", "-o", tmp_path / "run")  # fmt: skip
    assert "--references 3 is not possible; give an even number" in said


def test_a_setting_that_is_named_first_is_its_flag(tmp_path):
    write_series(load_sample(), tmp_path / "load.csv")
    said = fail("train", "psa-gan", tmp_path / "load.csv", "-o", tmp_path / "model",
                "--checkpoint-every", "10")  # fmt: skip
    assert "--checkpoint-every: '10' is not a time; write 90s" in said
