"""Pages in a browser, where one is installed: no script errors, nothing too wide, no word cut."""

import re
import shutil
import subprocess

import numpy as np
import pandas as pd
import pytest

from study_results import HISTORY, audience_result, fidelity_result, weather_result
from tsgen.data import simulate_series
from tsgen.evaluation import StudyResult, describe_data
from tsgen.report import write_page
from tsgen.responsible.explanation import ForecastExplanation

BROWSER = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
PAGES = {
    "fidelity": lambda: fidelity_result().with_history(HISTORY),
    "audience": audience_result,
    "data": lambda: describe_data(simulate_series(7, 60, seed=1)),
    "explanation": lambda: steps_explained(),
    "study": lambda: study_file(),
    "several": lambda: {"a": audience_result(), "b": audience_result(), "other": weather_result()},
}


def steps_explained():
    """A forecast of three steps, of parts with long names."""
    parts = [f"target, steps -{1000 - k} to -{900 - k}" for k in range(4)]
    values = pd.DataFrame(np.ones((3, 4)), columns=parts)
    facts = {"order": "any", "baseline": "mean", "of": "mean", "random": "seed 3"}
    return ForecastExplanation(values, np.zeros(3), np.full(3, 4.0), facts).to_result()


def study_file():
    """Twelve arms of a study, one with a long name, the first the reference."""
    rows = [["real against real (floor)", "0.1 ± 0.02"]]
    rows += [[f"an_arm_of_a_rather_long_name_{k}", f"0.{k} [0.0{k}, 1.{k}]"] for k in range(1, 12)]
    part = {"heading": "Numbers", "note": "", "columns": ["arm", "a_distance"], "rows": rows}
    facts = {"study": "study file", "name": "n", "question": "Which?", "parts": [part]}
    return StudyResult(weather_result().table, "Which?", facts)


FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--allow-file-access-from-files",
    "--enable-logging=stderr",
    "--virtual-time-budget=3000",
    "--dump-dom",
]


def dump(place, file):
    """Return the page as a browser leaves it, and what the browser said."""
    words = [BROWSER, *FLAGS, f"--user-data-dir={place / 'profile'}", file.as_uri()]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


WIDTHS = (390, 1280)
LOOK = """<!doctype html>%s<script>onload = () => {
  const seen = [...document.querySelectorAll("iframe")].map(frame => {
    const d = frame.contentDocument, all = [...d.querySelectorAll("svg")];
    const out = all.flatMap(svg => {
      const r = svg.getBoundingClientRect();
      return [...svg.querySelectorAll("text")].filter(text => {
        const t = text.getBoundingClientRect();
        return t.left < r.left - 2 || t.right > r.right + 2 || t.top < r.top - 2
          || t.bottom > r.bottom + 2; });
    });
    return [frame.name, d.documentElement.scrollWidth, d.documentElement.clientWidth,
      all.length, all.filter(i => i.getBoundingClientRect().width > 100).length,
      out.length].join(" ");
  });
  document.title = seen.join(";");
};</script>"""
"""A page of pages: how wide each wants to be, its figures, those drawn, and words cut off."""


@pytest.mark.skipif(BROWSER is None, reason="no browser is installed (chromium or google-chrome)")
def test_a_browser_shows_pages_without_a_word_at_the_width_of_a_phone_and_a_desk(tmp_path):
    drawn = {}
    for name, make in PAGES.items():
        write_page(make(), tmp_path / f"{name}.html")
        drawn[name] = (tmp_path / f"{name}.html").read_text(encoding="utf-8").count("<svg")
    frame = '<iframe name="{0}-{1}" src="{0}.html" style="width:{1}px;height:800px"></iframe>'
    frames = [frame.format(name, width) for name in PAGES for width in WIDTHS]
    (tmp_path / "frame.html").write_text(LOOK % "".join(frames), encoding="utf-8")
    shown, said = dump(tmp_path, tmp_path / "frame.html")
    found = re.search(r"<title>(.*?)</title>", shown)
    assert found, shown[:500]
    seen = [line.split() for line in found[1].split(";")]
    assert len(seen) == len(frames)
    for name, *numbers in seen:
        scroll, client, images, shown_images, cut = map(int, numbers)
        kind, width = name.rsplit("-", 1)
        assert scroll <= client <= int(width), name
        assert images == shown_images == drawn[kind], name
        assert cut == 0, name
    assert said == []
