"""The documentation: its tutorials run, its pages exist, its notebooks are its tutorials."""

import json
import re
import runpy
from pathlib import Path

import pytest
import torch

import tsgen

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))

SMALLER = {  # what a tutorial asks for -> what a test has time for
    'budget="2min"': "budget=None",
    "PSAGANEstimator(target_length=48)": "PSAGANEstimator(target_length=48, num_steps=4)",
    'tsgen.load_sample("electricity_hourly")': "a_few_clients()",
    "model.sample(200": "model.sample(24",
    "num_windows=100": "num_windows=24, draws=2, encoder=None",
    'tsgen.load_sample("online_retail")': "a_sixth_of_the_shop()",
    'RIMEstimator(horizon="28D")': "RIMEstimator(horizon='28D', repeats='none', "
    "activity='popularity', relevance='popularity')",
    "draws=100": "draws=20",
}


def a_few_clients():
    return tsgen.load_sample("electricity_hourly").subset(range(12))


def a_sixth_of_the_shop():
    whole = tsgen.load_sample("online_retail").to_frame()
    users = sorted(whole["user_id"].unique())[::6]
    items = [*whole["item_id"].value_counts().index[:40], "85099B", "22423"]
    return tsgen.Interactions.from_frame(
        whole[whole["user_id"].isin(users) & whole["item_id"].isin(items)], on_duplicate="keep"
    )


def smaller(text):
    for ours, tiny in SMALLER.items():
        text = text.replace(ours, tiny)
    return text


@pytest.mark.parametrize("path", TUTORIALS, ids=lambda path: path.stem)
def test_a_tutorial_runs_from_top_to_bottom(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tsgen.evaluation.fidelity.recurrent_judges._STEPS", 8)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    names = {made.__name__: made for made in (a_sixth_of_the_shop, a_few_clients)}
    try:
        for block in re.findall(r"```python\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            exec(compile(smaller(block), path.name, "exec"), names)
    finally:
        torch.set_num_threads(threads)
    assert capsys.readouterr().out
    (page,) = tmp_path.glob("*.html")
    assert "</html>" in page.read_text(encoding="utf-8")


def test_every_shortened_text_is_in_a_tutorial():
    everything = "".join(path.read_text("utf-8") for path in TUTORIALS)
    for ours in SMALLER:
        assert ours in everything, ours


def test_the_notebooks_are_the_tutorials_without_outputs():
    made = runpy.run_path(str(DOCS / "notebooks.py"))
    assert len(TUTORIALS) == 4
    for path in TUTORIALS:
        kept = made["PLACE"] / f"{path.stem}.ipynb"
        text = kept.read_text(encoding="utf-8")
        assert text == made["notebook"](path.read_text("utf-8")), "run python docs/notebooks.py"
        cells = json.loads(text)["cells"]
        code = ["".join(c["source"]) for c in cells if c["cell_type"] == "code"]
        assert code == [
            block.strip()
            for block in re.findall(r"```python\n(.*?)```", path.read_text("utf-8"), re.DOTALL)
        ]
        assert not any(c.get("outputs") for c in cells)


def test_pages_and_links_lead_somewhere_and_every_page_is_in_the_contents():
    contents = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert pages == set(re.findall(r"[\w/]+\.md", contents.partition("nav:")[2]))
    for name in pages:
        text = (DOCS / name).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+\.md)", text):
            assert ((DOCS / name).parent / link).resolve().is_file(), (name, link)
        assert not re.search(r"src=|<script|<img", text)


def test_the_page_of_changes_holds_the_changelog_and_options_that_exist():
    hooks = runpy.run_path(str(DOCS / "hooks.py"))
    bullets = hooks["defaults_that_moved"]()
    text = (DOCS / "changes.md").read_text(encoding="utf-8")
    shown = hooks["on_page_markdown"](text)
    assert bullets.startswith("- ")
    assert bullets in shown
    assert "\n### New" not in bullets
    assert hooks["on_page_markdown"]("other") == "other"
    rim = tsgen.RIMEstimator(horizon="7D", activity="hawkes-poisson", relevance="popularity")
    assert rim.activity == "hawkes-poisson"
    for option in ("constraints=None", 'missing="none"', 'on_unknown="warn"', "trust=True"):
        assert option in text
