"""The code of README and guides runs: Python in order, then the command lines, at a tiny size."""

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest
import torch
from typer.testing import CliRunner

from tsgen import load_sample
from tsgen.cli.main import app
from tsgen.data import write_series

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
GUIDES = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs/guide").glob("*.md"))]

SMALLER = {  # what README and guides ask for -> what a test has time for
    'budget="2min"': "budget=None",
    "PSAGANEstimator(target_length=48)": "PSAGANEstimator(target_length=48, num_steps=8)",
    "PSAGANForecastEstimator(prediction_length=24)": "PSAGANForecastEstimator("
    "prediction_length=24, num_steps=8)",
    "PSAGANEstimator(target_length=24)": "PSAGANEstimator(target_length=24, num_steps=8)",
    'prediction_length=24, budget="15min", seed=1': "prediction_length=24, "
    "plan=tsgen.curation.RoundPlan((1, 1, 1), (1, 1, 1), (1, 1), 20), candidates=['mixing'], "
    "seed=1",
    "--auto --prediction-length 24 --budget 15min --seed 1 -o chosen.csv --run runs/choice": "--by "
    "mixing --seed 1 -o chosen.csv",  # tests/cli/test_augment_auto.py runs the choice
    "model.sample(100, length=500": "model.sample(3, length=100",
    "= tsgen.RIMEstimator(": "= tsgen.RIMEstimator(repeats='none', ",
    "(events, shop, seed=1)": "(events, shop, draws=20, seed=1)",
    "purchases.parquet --set horizon=28D --seed 1 -o runs/shop": "purchases.parquet --set "
    "horizon=28D --seed 1 -o runs/shop --no-sequence-model",
    "-o models/shop-fast --rank 64": "-o models/shop-fast --rank 8 --set num_steps=20",
    "--budget 10min": "--set num_steps=8",
    "-n 2000": "-n 40",
    "num_windows=200, seed=3": "num_windows=30, seed=3, draws=2, encoder=None",
    "2024-12-01 -o runs/load": "2012-02-01 -o runs/load --num-windows 40 --draws 2",
}


def blocks(language, *texts):
    return re.findall(rf"```{language}\n(.*?)```", "\n".join(texts), flags=re.DOTALL)


def smaller(text):
    for ours, tiny in SMALLER.items():
        text = text.replace(ours, tiny)
    return text


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_every_shortened_text_is_there():
    for ours in SMALLER:
        assert ours in "\n".join([README, *GUIDES])


def test_python_blocks_run_one_after_the_other(capsys):
    names = {}
    for block in blocks("python", README, *GUIDES):
        exec(compile(smaller(block), "README.md and docs/guide", "exec"), names)
    told = capsys.readouterr().out
    assert "SeriesDataset(90 series" in told  # 60 real ones, half as many synthetic
    assert "source_item_id" in told
    assert "probability" in told
    assert "ten more contacts would bring about" in told


def test_command_lines_run_one_after_the_other():
    few = load_sample().subset(range(12))
    write_series(few, "load.csv")
    gappy = pd.read_csv("load.csv")
    gappy.loc[100:109, "target"] = float("nan")
    gappy.to_csv("gappy.csv", index=False)
    events = load_sample("online_retail").to_frame()
    some = sorted(events["user_id"].unique())[::6]
    events[events["user_id"].isin([*some, "17841"])].to_parquet("purchases.parquet")
    week = events["timestamp"] + pd.Timedelta("7D")
    events.assign(timestamp=week).tail(30).to_parquet("this_week.parquet")
    Path("campaigns.toml").write_text(blocks("toml", README)[0])
    lines = [line for block in blocks("bash", README) for line in block.splitlines()]
    lines = [line for line in lines if line.startswith("tsgen ")]
    assert len(lines) == 19
    for line in lines:
        result = CliRunner().invoke(app, shlex.split(smaller(line), comments=True)[1:])
        assert result.exit_code == 0, (line, result.output)
    assert Path("runs/load/page.html").is_file()
    assert len(pd.read_csv("audience.csv")) == 100
    assert set(pd.read_parquet("allocation.parquet")["campaign"]) == {"bags", "cakes"}
    filled = pd.read_parquet("filled.parquet")
    assert filled["target"].notna().all()
    assert "of 2 kinds (fidelity, audience)" in Path("report.html").read_text(encoding="utf-8")


def test_nothing_installs_the_other_projects_name():
    assert not re.search(r"pip install[^\n]*\btsgen\b(?!-forecasting)", README)
