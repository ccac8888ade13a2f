"""The examples run, at a tiny size, as a user runs them."""

import os
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"


def test_the_demo_does_the_main_job_end_to_end(tmp_path):
    done = subprocess.run(
        [sys.executable, EXAMPLES / "demo.py", "--quick", "-o", tmp_path / "out"],
        cwd=tmp_path,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "trained on real + synthetic: 0." in done.stdout
    assert "one seed" in done.stdout
    page = (tmp_path / "out" / "page.html").read_text(encoding="utf-8")
    assert page.count("<img") >= 4
