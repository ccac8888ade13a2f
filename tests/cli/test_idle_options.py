"""An option that changes nothing beside the others is refused, whatever the verb."""

import re
from pathlib import Path

import pytest

from command_line import fail, run
from tsgen.data import simulate_series, write_series

SAVED = Path(__file__).parents[1] / "fixtures" / "saved"
GAN, NEXT, SHOP, RUN = (
    str(SAVED / name / "saved")
    for name in ("psa-gan-default", "psa-gan-c-default", "rim-default", "run-fidelity")
)
PLAN = '[[campaigns]]\nname = "a"\nitems = ["i1"]\nat_most = 3\n'
STUDY = 'data = "load"\nprediction_length = 4\n[forecasters.n]\nestimator = "seasonal_naive"\n'

LINES = {
    f"sample {GAN} -o out.parquet --spreadsheet-safe": "--spreadsheet-safe .* no CSV",
    f"sample {GAN} -o out.csv --read freq=h": "--read .* without --like",
    f"forecast {NEXT} load.csv -o out.parquet --spreadsheet-safe": "--spreadsheet-safe",
    f"forecast {NEXT} load.csv -o out.csv --samples --quantile 0.5": "--quantile",
    f"impute {NEXT} load.csv -o out --spreadsheet-safe": "--spreadsheet-safe",
    f"audience {SHOP} --item i1 --size 3 --exclusive": "--exclusive .* without --campaigns",
    f"audience {SHOP} --item i1 --size 3 --on-unknown warn": "--on-unknown .* without --exclude",
    f"audience {SHOP} --item i1 --size 3 --overwrite": "--overwrite .* without --output",
    f"audience {SHOP} --item i1 --size 3 -o a.jsonl --spreadsheet-safe": "--spreadsheet-safe",
    f"audience {SHOP} --item i1 --size 3 --json --spreadsheet-safe": "--spreadsheet-safe",
    f"audience {SHOP} --item i1 --size 3 --exclude ids.txt --read unit=s": "unit=s .* --events",
    f"recommend {SHOP} --user u01 --read user_id=x": "--read user_id=x .* without --events",
    f"recommend {SHOP} --user u01 --overwrite": "--overwrite .* without --output",
    f"allocate {SHOP} plan.toml --overwrite": "--overwrite .* without an output",
    f"allocate {SHOP} plan.toml -o a.parquet --spreadsheet-safe": "--spreadsheet-safe",
    f"allocate {SHOP} plan.toml --read unit=s": "unit=s .* without --events or --spend",
    f"allocate {SHOP} plan.toml --solver greedy --seed 3": "--seed .* with --solver greedy",
    f"allocate {SHOP} plan.toml --solver greedy --prices p.json": "--prices .* --solver greedy",
    f"allocate {SHOP} plan.toml --spend log.csv": "no campaign has value='spend'",
    "augment load.csv --by mixing -o a.csv --noise-scale 2": "--noise-scale .* without MODEL",
    "augment load.csv --by mixing -o a.csv --device cpu": "--device .* without MODEL",
    "augment load.csv --by mixing -o a.csv --missing none": "--missing .* without MODEL",
    "augment load.csv --by mixing -o a.csv --length window": "--length .* without MODEL",
    "augment load.csv --by mixing -o a.csv --constraints none": "--constraints .* without MODEL",
    "augment load.csv --by mixing -o a.csv --panel": "--panel .* without MODEL",
    "augment load.csv --by mixing -o a.csv --save kept": "--save .* without --auto",
    "augment load.csv --by mixing -o a.csv --budget 1min": "--budget .* without --auto",
    "augment load.csv --by mixing -o a.csv --prediction-length 0": "--prediction-length",
    f"augment load.csv {GAN} -o a.csv --prediction-length 4": "--prediction-length .* --auto",
    "augment load.csv --use kept -o a.csv --ratio 0.5": "--ratio .* with --auto and --use",
    "augment load.csv --by mixing -o out --spreadsheet-safe": "--spreadsheet-safe",
    f"inspect {GAN} --target x": "--target .* on a folder with model.json",
    f"inspect {RUN} --read freq=h": "--read .* on a folder with result.json",
    "inspect log.csv --panel": "--panel .* on an event log",
    "evaluate audience log.csv -o out --trust": "--trust .* without --model",
    "evaluate audience log.csv -o out --size 5": "--size .* without --item",
    "evaluate audience log.csv -o out --item i1 --device cpu": "--device .* with --item",
    "evaluate allocation log.csv plan.toml -o out --trust": "--trust .* without --model",
    "evaluate forecast study.toml -o out --read freq=h": "--read .* without --data",
    "evaluate study study.toml --data load.csv --jobs 2": "--jobs .* on a study of forecasters",
}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("idle")
    write_series(simulate_series(num_series=2, length=30, seed=1), folder / "load.csv")
    (folder / "log.csv").write_text("user_id,item_id,timestamp,value\nu01,i1,2024-01-01,2\n")
    (folder / "ids.txt").write_text("u01\n")
    (folder / "plan.toml").write_text(PLAN)
    (folder / "study.toml").write_text(STUDY)
    return folder


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.replace(str(SAVED), ""))
def test_it_is_refused_and_named(place, monkeypatch, line):
    monkeypatch.chdir(place)
    before = sorted(path.name for path in place.iterdir())
    told = fail(*line.split())
    assert told.startswith("error: ")
    assert re.search(LINES[line], told), told
    assert sorted(path.name for path in place.iterdir()) == before


def test_a_printed_csv_is_neutralised_too(place, monkeypatch):
    monkeypatch.chdir(place)
    rows = "".join(f"=u{k % 5},i{k % 3},2024-01-{k + 1:02d}\n" for k in range(28))
    (place / "odd.csv").write_text("user_id,item_id,timestamp\n" + rows)
    words = ["train", "rim", "odd.csv", "-o", "odd", "--seed", 1, "--set", "horizon=3D"]
    settings = ["--set", "relevance=popularity", "--set", "activity=moving-average"]
    assert run(*words, *settings).exit_code == 0
    asked = ["audience", "odd", "--item", "i1", "--size", 2]
    plain, safe = run(*asked), run(*asked, "--spreadsheet-safe")
    assert plain.stdout.splitlines()[1].startswith("=u")
    assert "a spreadsheet that opens the file may run them" in plain.stderr
    assert safe.stdout.splitlines()[1].startswith("'=u")
    assert "may run them" not in safe.stderr


@pytest.mark.parametrize(
    "line",
    [
        "inspect load.csv",
        "train psa-gan load.csv -o made",
        "train rim log.csv -o made",
        f"audience {SHOP} --item i1 --size 3",
        f"sample {GAN} -o made.csv",
        "evaluate fidelity load.csv load.csv -o made",
    ],
)
def test_a_limit_of_memory_holds_wherever_something_is_read(place, monkeypatch, line):
    monkeypatch.chdir(place)
    told = fail(*line.split(), "--max-memory", "1B")
    assert "more than the limit asked for, 1 B" in told
    assert not list(place.glob("made*"))
