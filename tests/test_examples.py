"""The examples run, at a tiny size, as a user runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"

PLAIN = {'RIMEstimator(horizon="28D"': 'RIMEstimator(horizon="28D", repeats="none"'}
SMALLER = {  # what the examples ask for -> what a test has time for
    "01_augment_a_forecaster.py": {
        'budget="1min"': "budget=None",
        "target_length=48": "target_length=48, num_steps=8",
        '"max_epochs": 4': '"max_epochs": 1',
        "num_batches_per_epoch=50": "num_batches_per_epoch=2",
        "ratio=1.0": "ratio=0.1",
    },
    "02_find_an_audience.py": PLAIN,
    "03_judge_samples.py": {
        'budget="1min"': "budget=None",
        "target_length=48": "target_length=48, num_steps=8",
        "sample(1000": "sample(80",
        "num_windows=500": "num_windows=40, draws=2",
    },
    "04_judge_an_audience.py": PLAIN | {"seed=1, options": "draws=20, seed=1, options"},
    "05_forecasters_and_audiences.py": PLAIN,
}


def run(words, place):
    return subprocess.run(
        [sys.executable, *words],
        cwd=place,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_numbered_example_is_run():
    assert sorted(SMALLER) == sorted(path.name for path in EXAMPLES.glob("[0-9]*.py"))


SLOW = {"03_judge_samples.py"}
"""What takes a minute, and is in the demonstration and in the README's commands, too."""


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOW)) for n in sorted(SMALLER)]
)
def test_an_example_runs_from_its_first_line_to_its_last(name, tmp_path):
    text = (EXAMPLES / name).read_text(encoding="utf-8")
    assert len(text.splitlines()) < 40
    for ours, tiny in SMALLER[name].items():
        assert ours in text
        text = text.replace(ours, tiny)
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = run([name], tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_the_demo_does_the_main_job_end_to_end(tmp_path):
    done = run([EXAMPLES / "demo.py", "--quick", "-o", tmp_path / "out"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert "trained on real + synthetic: 0." in done.stdout
    assert "one seed" in done.stdout
    assert "buyers of JUMBO BAG RED RETROSPOT" in done.stdout
    assert "Of 1,000 customers listed for an item (14 of 1,399 for each)" in done.stdout
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 8
    assert "of 2 kinds (audience, fidelity)" in page
