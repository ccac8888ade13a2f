"""The command as a whole: its verbs, its usage, and how it ends."""

import importlib
import json
import logging
import subprocess
import sys

import pytest
import typer

from command_line import fail, succeed
from tsgen import __version__
from tsgen.cli.outputs import ExitCode, running
from tsgen.errors import OutputError
from tsgen.interruption import Ended, exit_code_of

command = importlib.import_module("tsgen.cli.main")  # the package has the function of that name


def test_the_version_is_told():
    assert succeed("--version").stdout == f"{__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        ["train", "psa-gan"],
        ["train", "psa-gan", "data.csv"],
        ["train", "rim-gan", "data.csv", "-o", "m"],
        ["sample", "model", "-o", "s.csv", "-n", "many"],
        ["sample", "model", "-o", "s.csv", "--colour", "red"],
        ["paint"],
    ],
)
def test_wrong_usage_ends_with_2(words):
    fail(*words, code=2)


def test_help_shows_the_verbs():
    text = succeed("--help").stdout
    for verb in ("train", "sample", "augment", "evaluate", "inspect"):
        assert verb in text


VERBS = (
    ["train", "psa-gan"], ["train", "psa-gan-c"], ["train", "rim"], ["sample"], ["augment"],
    ["forecast"], ["impute"], ["audience"], ["recommend"], ["allocate"], ["report"], ["inspect"],
    *(["evaluate", name] for name in
      ("fidelity", "forecast", "audience", "allocation", "uplift", "study")),
)  # fmt: skip


@pytest.mark.parametrize("words", VERBS, ids=" ".join)
def test_every_verb_has_a_help_and_the_options_of_all(words):
    shown = succeed(*words, "--help").stdout
    assert "--debug" in shown
    assert "--max-memory" in shown


def commands(group, words=()):
    """Return every verb of the command with its help."""
    if not hasattr(group, "commands"):
        return {words: group.help or ""}
    return {
        path: text
        for name, part in group.commands.items()
        for path, text in commands(part, (*words, name)).items()
    }


EVERY = commands(typer.main.get_command(command.app))


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_every_help_has_an_example_whose_options_exist(words):
    """An example is a paragraph that could be typed: `tsgen VERB ...`."""
    start = " ".join(("tsgen", *words, ""))
    examples = [
        " ".join(part.split())
        for part in EVERY[words].split("\n\n")
        if part.strip().startswith(start)
    ]
    assert examples
    shown = succeed(*words, "--help").stdout
    for example in examples:
        for word in example.split():
            if word.startswith("--"):
                assert word in shown, word


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_installed_and_completes(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION", "1")
    said = succeed("--install-completion", shell).stdout
    assert "completion installed" in said
    written = "".join(p.read_text() for p in tmp_path.rglob("*") if p.is_file())
    assert "TSGEN_COMPLETE" in written.upper()


@pytest.fixture
def ends(monkeypatch):
    """Run `main` with a verb that ends in an error; return its exit code."""
    monkeypatch.setattr(command, "end_as_interrupt", lambda: None)

    def end(error):
        def app(**options):
            assert options == {"prog_name": "tsgen"}
            raise error

        monkeypatch.setattr(command, "app", app)
        with pytest.raises(SystemExit) as ended:
            command.main()
        return ended.value.code

    return end


def test_the_exit_code_says_which_signal_it_was(ends, capsys):
    assert ends(KeyboardInterrupt()) == ExitCode.INTERRUPTED
    assert ends(Ended()) == ExitCode.ENDED
    assert capsys.readouterr().err == "interrupted: nothing was written.\n" * 2
    assert ends(SystemExit(ExitCode.ERROR)) == ExitCode.ERROR
    asked_to_end = SystemExit(ExitCode.INTERRUPTED)
    asked_to_end.__cause__ = Ended()
    assert ends(asked_to_end) == ExitCode.ENDED
    assert ends(SystemExit(ExitCode.INTERRUPTED)) == ExitCode.INTERRUPTED


@pytest.mark.parametrize("error", [KeyboardInterrupt(), Ended()])
def test_a_signal_that_typer_catches_is_told_too(monkeypatch, capsys, error):
    """It came as the verb's words were read, or as the verb ended."""

    def interrupted(*args, **options):
        raise error

    monkeypatch.setattr(command._Verbs, "invoke", interrupted)
    monkeypatch.setattr(command, "end_as_interrupt", lambda: None)
    monkeypatch.setattr(sys, "argv", ["tsgen", "inspect", "model"])
    with pytest.raises(SystemExit) as ended:
        command.main()
    assert ended.value.code == exit_code_of(error)
    assert capsys.readouterr().err == "interrupted: nothing was written.\n"


def test_a_signal_as_the_verb_ends_says_what_was_written(monkeypatch, capsys, tmp_path):
    invoke = command._Verbs.invoke

    def interrupted(group, context):
        try:
            invoke(group, context)
        finally:
            running.get().before[tmp_path] = None
            raise KeyboardInterrupt

    monkeypatch.setattr(command._Verbs, "invoke", interrupted)
    monkeypatch.setattr(command, "end_as_interrupt", lambda: None)
    monkeypatch.setattr(sys, "argv", ["tsgen", "inspect", str(tmp_path / "none")])
    with pytest.raises(SystemExit):
        command.main()
    assert capsys.readouterr().err.endswith(f"interrupted: {tmp_path} was written before.\n")


def test_a_version_that_cannot_be_printed_is_one_sentence(ends, capsys):
    assert ends(OutputError("The result cannot be printed: full.")) == ExitCode.ERROR
    assert capsys.readouterr().err == "error: The result cannot be printed: full.\n"


def test_sigterm_is_made_an_interruption_before_any_verb(monkeypatch):
    order = []
    monkeypatch.setattr(command, "end_as_interrupt", lambda: order.append("signals"))
    monkeypatch.setattr(command, "app", lambda **_: order.append("verb"))
    command.main()
    assert order == ["signals", "verb"]


def test_more_is_told_on_request(monkeypatch):
    asked = []
    monkeypatch.setattr(logging, "basicConfig", lambda **options: asked.append(options["level"]))
    command._options(verbose=False, version=False)
    assert asked == []
    command._options(verbose=True, version=False)
    assert asked == [logging.INFO]
    with pytest.raises(typer.Exit):
        command._show_version(True)
    command._show_version(False)


def test_as_a_process_results_are_on_stdout_and_the_rest_on_stderr(tmp_path):
    (tmp_path / "state.pt").write_bytes(b"")  # a checkpoint: nothing heavy is imported for it
    (tmp_path / "history.jsonl").write_text('{"step": 3}\n')
    words = [sys.executable, "-m", "tsgen", "inspect", str(tmp_path), "--json"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["last row"] == {"step": 3}
    assert done.stderr == ""
    words[-2] += "x"
    failed = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("error: There is nothing at ")
    assert failed.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "before"),
    [
        (["inspect", ""], "inspect"),
        (["train", "rim", "", "-o", "made"], "rim"),
        (["sample", "model", "-o", ""], "-o"),
        (["audience", "model", "--item", "i", "--events", "", "--size", "2"], "--events"),
    ],
)
def test_an_empty_word_is_refused_and_is_not_the_working_folder(words, before):
    assert f"the word after '{before}' is empty" in " ".join(fail(*words, code=2).split())


def test_a_title_may_be_empty(tmp_path):
    told = fail("report", tmp_path / "nowhere", "-o", tmp_path / "p.html", "--title", "")
    assert "nowhere" in told
