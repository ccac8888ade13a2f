"""Hostile command lines: every option and argument of every verb, with what it must not take.

`HOSTILE` has the values, by kind, and `KINDS` the kind of each option; one without a kind is given
an empty word. Each line works but for that value, so it must be refused, or done with a warning.
"""

import os

from typer.main import get_command

from reliability.fuzz_cases import VERBS, Case
from reliability.fuzz_verdicts import FINE, Bench
from tsgen.cli.main import app

__all__ = ["hostile_lines", "lines_of", "verbs"]

LONG = "x" * 5000
HOSTILE = {
    "count": ("-1", "0", "1.5", "nan", "inf", "1e12", "", "x", "0x3", "--"),
    "seed": ("-1", "1.5", "nan", "", "x", "9" * 30),
    "device": ("mps", "cuda:7", "gpu", "", "cpu:9x", LONG),
    "memory": ("1B", "0", "-1GB", "nan", "", "x", "1e9"),
    "read": ("", "=", "x", "nonsense=1", "timestamp=nowhere", "item_id", "timezone=Mars/Base"),
    "setting": ("", "=", "x", "=1", "self=1", "__class__=1", "model_config=1", "nonsense=1"),
    "time": ("10:00", "today", "now", "2024-13-01", "2024-02-30", "Monday", "", "nan", LONG),
    "duration": ("-5s", "0s", "nan", "inf", "x", "", "5 parsecs", "1e999s"),
    "share": ("nan", "inf", "-inf", "-1", "", "x", "1e999"),
    "quantile": ("-0.1", "2", "nan", "inf", "", "x"),
    "choice": ("", "x", "None", "\0", LONG, "é"),
    "input": ("", "nowhere.csv", "/dev/null", "pipe.csv", "loop.csv", "empty.csv", "noise.csv"),
    "model": ("", "nowhere", "/dev/null", "pipe.csv", "loop.csv", "load.csv", ".", "run", LONG),
    "output": (
        "",
        ".",
        "..",
        "/",
        "-",
        "/dev/null",
        "pipe.csv",
        "load.csv/x",
        "load.csv",
        "y" * 300,
    ),
    "id": ("", "nowhere", "i1 ", "\0", LONG),
    "condition": ("", "=", "x", "=France", "nonsense=1"),
    "column": ("", "nowhere", "\0", LONG),
    "feature": ("", "nowhere", "nowhere=1", "="),
    "facet": ("", "=", "nowhere", "kind<", "&", "kind=k0&"),
    "range": ("", "x", "stayed=", "stayed=2:1", "stayed=nan:1", "stayed=0.5", "nowhere=0:1"),
    "file of a study": ("", "nowhere.toml", "/dev/null", "load.csv", "pipe.csv", "empty.csv"),
    "anything": (),
    "unknown": ("",),
}
HOSTILE["input"] += (LONG, "psagan")
KINDS = {
    "count": "--number --size --draws --num-windows --num-users --num-items --origins --jobs "
    "--references --prediction-length --window-length --target-length --devices --windows --rank "
    "--rounds --partitions --blocks --context --sample-users",
    "seed": "--seed",
    "device": "--device",
    "memory": "--max-memory --memory",
    "read": "--read",
    "setting": "--set",
    "time": "--start --at --begin --train-until --earlier",
    "duration": "--budget --horizon --checkpoint-every --age",
    "share": "--ratio --noise-scale --threshold --expected-buyers --power --margin --line "
    "--min-share --min-ratio",
    "quantile": "--quantile",
    "choice": "--missing --layout --solver --on-unknown --on-delta --by --synthesizer --world "
    "--split --maker --constraints --length --candidate --strata --arm --metric --forecaster "
    "--engine --method --order --baseline --why",
    "input": "--items --campaigns --exclude --events --new-items --users --contacts --spend --log "
    "--like --audience --real --generated --outcomes --campaign --ids --hash-ids --graph "
    "data events before after log requests series table",
    "model": "--from --model --use --encoder --user-encoder --item-encoder model runs path",
    "output": "--output --summary --prices --run --save --cells",
    "id": "--item --user --id --series --market",
    "condition": "--where --item-where --exclude-where --exclude-seen-by",
    "column": "--target --leave-out",
    "feature": "--static --dynamic --past-dynamic",
    "facet": "--facet",
    "range": "--allow",
    "file of a study": "--config study_file campaigns --cell --holdouts samples --data",
    "anything": "--title",
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}


class HostileBench(Bench):
    """A bench whose folder has a pipe, a link to itself, an empty file and noise."""

    def renew(self):
        super().renew()
        os.mkfifo(self.place / "pipe.csv")
        (self.place / "loop.csv").symlink_to("loop.csv")
        (self.place / "empty.csv").write_bytes(b"")
        (self.place / "noise.csv").write_bytes(bytes(range(1, 256)) * 9)


def verbs(command=None, path=()):
    """Yield the words of every verb, and its parameters."""
    command = command or get_command(app)
    if not hasattr(command, "commands"):
        yield path, command.params
        return
    for name, inner in command.commands.items():
        yield from verbs(inner, (*path, name))


def hostile_lines():
    """Return all hostile command lines."""
    lines = []
    for path, parameters in verbs():
        for line in [words for words in VERBS if tuple(words[: len(path)]) == path][:2]:
            lines += lines_of(line, len(path), parameters)
    good = set(map(tuple, VERBS))
    return [line for line in dict.fromkeys(map(tuple, lines)) if line not in good]


def lines_of(line, depth, parameters):
    """Yield a command line with each hostile value of each parameter."""
    place = depth
    for parameter in parameters:
        names = parameter.opts
        if getattr(parameter, "is_flag", False):
            continue
        argument = not names[0].startswith("-")
        for value in HOSTILE[KIND_OF.get(names[0], "unknown")]:
            if argument and place < len(line) and not line[place].startswith("-"):
                yield [*line[:place], value, *line[place + 1 :]]
            elif not argument:
                yield _with(line, names, value)
        place += argument


def _with(line, names, value):
    given = [k for k, word in enumerate(line) if word in names]
    if given:
        return [*line[: given[0] + 1], value, *line[given[0] + 2 :]]
    return [*line, names[0], value]


def try_line(bench, line):
    """Return the verdict on a hostile line: what is accepted without a word is wrong."""
    verdict, told = bench(Case(tuple(line)))
    made = [name for name in bench.made if not name.endswith(("pipe.csv", "loop.csv"))]
    made = [name for name in made if name not in ("empty.csv", "noise.csv")]
    if verdict == FINE and "warning:" not in told:
        return "silently wrong", f"accepted; {told}"
    if verdict == "clear" and made:
        return "silently wrong", f"refused, but {made} is there; {told}"
    return verdict, told
