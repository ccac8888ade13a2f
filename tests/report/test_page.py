"""The page, read by a parser; `tests/ecosystem/test_browser.py` opens it in a browser."""

import base64
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pandas as pd
import pytest

from study_results import (
    HISTORY,
    audience_result,
    fidelity_result,
    fidelity_table,
    weather_result,
)
from tsgen.errors import OutputError
from tsgen.evaluation import StudyResult
from tsgen.report import page_text, write_page


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.open, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs), tuple(self.open)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag):
        return [attrs for name, attrs, _ in self.tags if name == tag]


def page_of(results, path, **options):
    write_page(results, path, **options)
    page = Page(path.read_text(encoding="utf-8"))
    assert page.open == []
    return page, " ".join("".join(page.texts).split())


PAGES = {
    "fidelity": fidelity_result,
    "audience": audience_result,
    "new": weather_result,
    "several": lambda: {
        "runs/a": audience_result(),
        "runs/b": audience_result(),
        "load": fidelity_result().with_history(HISTORY),
        "other": weather_result(),
    },
}


@pytest.mark.parametrize("name", PAGES)
def test_every_page_can_be_read_by_anyone_anywhere(name, tmp_path):
    page, _ = page_of(PAGES[name](), tmp_path / "page.html")
    levels = [int(tag[1]) for tag, _, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    viewport = {"name": "viewport", "content": "width=device-width, initial-scale=1"}
    assert viewport in page.all("meta")
    assert page.all("html") == [{"lang": "en"}]
    for tag, attrs, _ in page.tags:
        assert tag not in {"script", "link", "iframe", "object"}
        for source in (attrs.get("src"), attrs.get("href")):
            assert source is None or source.startswith(("data:text/csv;charset=utf-8;base64,", "#"))
        assert not [name for name in attrs if name.startswith("on")]
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|url\((?!#)|@import", text)
    ids = [attrs["id"] for _, attrs, _ in page.tags if "id" in attrs]
    assert len(set(ids)) == len(ids)
    for clip in re.findall(r"url\(#([^)]*)\)", text):
        assert clip in ids
    for image in page.all("svg"):
        assert len(image["aria-label"]) > 20
    for tag, _, around in page.tags:
        if tag == "table":
            assert around[-1] == "div"
    scrolling = [attrs for attrs in page.all("div") if attrs.get("class") == "scroll"]
    assert len(scrolling) == len(page.all("table")) > 0
    assert all(attrs["tabindex"] == "0" and attrs["aria-label"] for attrs in scrolling)
    anchors = {attrs["href"] for attrs in page.all("a") if attrs["href"].startswith("#")}
    assert anchors <= {f"#{name}" for name in ids}
    assert {f"#{attrs['id']}" for attrs in page.all("section")} <= anchors


def test_the_contents_name_every_part_in_the_order_of_the_page(tmp_path, undrawn):
    page, _ = page_of(PAGES["several"](), tmp_path / "page.html")
    listed = [
        attrs["href"][1:] for tag, attrs, around in page.tags if tag == "a" and "nav" in around
    ]
    marked = [a["id"] for tag, a, _ in page.tags if tag in {"section", "h3"} and "id" in a]
    assert listed == marked


def test_tables_come_along_as_csv_without_formulas(tmp_path):
    page, _ = page_of(fidelity_result(), tmp_path / "page.html")
    files = {a["download"]: a["href"] for a in page.all("a") if "download" in a}
    tables = {name: read_csv(address) for name, address in files.items()}
    shown = tables["run-1-table-1.csv"]
    assert list(shown)[:4] == ["Metric", "Metric: detail", "Against real", "Against real: detail"]
    assert shown["Metric"].tolist()[-1] == "<script>"
    whole = tables["run-1.csv"]
    assert whole["value"].tolist() == fidelity_table()["value"].tolist()
    evil = weather_result()
    evil.table["note"] = "=HYPERLINK(1)"
    page, _ = page_of(evil, tmp_path / "evil.html")
    for attrs in page.all("a"):
        if "download" in attrs:
            assert read_csv(attrs["href"])["note"].tolist() == ["'=HYPERLINK(1)"]


def read_csv(address):
    text = base64.b64decode(address.partition(";base64,")[2]).decode("utf-8-sig")
    return pd.read_csv(io.StringIO(text))


def test_words_of_users_stay_words(tmp_path):
    evil = "</svg><script>alert(1)</script>"
    result = audience_result()
    result.table["arm"] = result.table["arm"].replace("random", evil)
    arrays = {k.replace("gain.random", f"gain.{evil}"): v for k, v in result.arrays.items()}
    rules = {evil: evil}
    facts = result.facts | {"rules": rules, "warnings": [evil], "command": evil}
    page, shown = page_of(replace(result, facts=facts, arrays=arrays), tmp_path / "page.html")
    assert not page.all("script")
    assert shown.count(evil) > 5


def test_warnings_of_the_data_stand_before_the_numbers(tmp_path, undrawn):
    result = audience_result()
    facts = result.facts | {"warnings": ["3 users have 90 % of the events."]}
    _, shown = page_of(replace(result, facts=facts), tmp_path / "page.html")
    assert shown.index("Look at the data first") < shown.rindex("Who is found")
    assert "3 users have 90 % of the events." in shown
    _, shown = page_of(audience_result(), tmp_path / "quiet.html")
    assert "Look at the data first" not in shown


def test_warnings_of_any_data_are_shown_once_and_not_among_the_facts(undrawn):
    result = fidelity_result()
    note = "4 rows repeat the series and time of another."
    data = {"real": {"rows": 4, "warnings": [note]}, "synthetic": {"warnings": [note, "b"]}}
    text = page_text(replace(result, facts=result.facts | {"data": data, "warnings": ["b"]}))
    assert text.count(note) == 1
    assert text.index("Look at the data first") < text.index(note)
    assert "data, real, rows" in text
    assert "data, real, warnings" not in text


def test_digests_are_short_with_the_whole_in_a_tooltip(undrawn):
    digest = "0123456789abcdef" * 4
    result = fidelity_result()
    text = page_text(replace(result, facts=result.facts | {"data": {"fingerprint": digest}}))
    assert f'<dd title="{digest}">0123456789ab…</dd>' in text


def test_a_long_answer_begins_with_its_first_sentence(undrawn):
    answer = f"Ten of 1.5 are sold. Then {'word ' * 50}"
    text = page_text(replace(fidelity_result(), answer=answer + "\nA line of its own."))
    assert "<p>Ten of 1.5 are sold.</p>\n<p>Then word" in text
    assert "<p>A line of its own.</p>" in text


def test_a_page_of_fidelity_holds_everything(tmp_path):
    page, shown = page_of(fidelity_result().with_history(HISTORY), tmp_path / "page.html")
    for expected in (
        "1 of 5 measures are <good>.",
        "Context-FID",
        "Distance between the two sets as a trained encoder sees them.",
        "held-out",
        "tsgen evaluate 'a & b'",
        "settings, scalewindow",
        "tsgen version0.1.0",
    ):
        assert expected in shown
    assert len(page.all("svg")) == 6
    assert shown.count("✓ as good") == 2


def test_a_page_of_audiences_holds_everything(tmp_path):
    page, shown = page_of(audience_result(), tmp_path / "page.html")
    for expected in (
        "Of the users listed, 20 % engaged.",
        "20 % [16, 24]",
        "Everybody alike.",
        "audiences: precision",
        "no clear difference",
        "✓ 1 is within",
        "12,345 events, from 2024-03-01, to 2024-03-15",
        "It was made from Python",
        "model, settings, horizon14D",
    ):
        assert expected in shown, expected
    assert len(page.all("svg")) == 4
    gain = page.all("svg")[0]["aria-label"]
    assert "In the best tenth of the users: model 32 %, random 10 %" in gain


def test_runs_of_one_kind_stand_side_by_side(tmp_path, undrawn):
    page, shown = page_of({"a": audience_result(), "b": audience_result()}, tmp_path / "p.html")
    assert "The audience runs were tested alike, so their numbers can be compared." in shown
    assert "Side by side: audience" in shown
    assert "tsgen: audience (2 runs)" in shown
    assert len(page.all("section")) == 2
    other = {"a": audience_result(), "b": audience_result("2024-02-01")}
    _, shown = page_of(other, tmp_path / "q.html")
    assert "The audience runs differ in from, so their numbers cannot be compared" in shown


def test_runs_of_different_kinds_are_kept_apart_and_an_unknown_kind_shows_its_table(
    tmp_path, undrawn
):
    runs = {"load": fidelity_result(), "shop": audience_result(), "sky": weather_result()}
    _, shown = page_of(runs, tmp_path / "page.html")
    assert "These runs are of 3 kinds (fidelity, audience, weather): they answer different" in shown
    assert "Side by side" not in shown
    assert "A study of the kind “weather”" in shown
    assert "0.25" in shown


def test_the_same_result_gives_the_same_page_and_old_pages_are_kept(tmp_path):
    first, second = tmp_path / "first.html", tmp_path / "second.html"
    bare = StudyResult(fidelity_table(), "Fine.", {"study": "fidelity"})
    write_page(bare, first)
    write_page(bare, second)
    assert first.read_bytes() == second.read_bytes()
    with pytest.raises(OutputError, match="exists already"):
        write_page(bare, first)
    write_page(bare, first, title="Other", overwrite=True)
    assert re.search("<h1>Other</h1>", first.read_text(encoding="utf-8"))


def test_facts_read_as_words_and_numbers(undrawn):
    facts = {
        "bound": 661.2510319799185,
        "cutoffs": ["a", "b"],
        "kept": True,
        "left_out": None,
        "no_scores": [],
        "empty": {},
        "rows": [{"campaign": "x"}],
        "counts": {"users": 4372},
    }
    result = weather_result()
    result = replace(result, facts=result.facts | {"what": facts})
    shown = Page(page_text(result)).texts
    lines = dict(pairwise(text.strip() for text in shown if text.strip()))
    texts = {name: lines[f"what, {name}"] for name in ("bound", "cutoffs", "kept", "left out")}
    assert texts == {"bound": "661.251", "cutoffs": "a, b", "kept": "yes", "left out": "none"}
    assert lines["what, counts, users"] == "4372"
    assert lines["what, no scores"] == "none"
    assert not {"what, rows", "what, empty"} & set(lines)  # tables stand elsewhere on the page


def test_a_result_without_arrays_still_has_its_page(tmp_path):
    bare = StudyResult(fidelity_table(), "Fine.", {"study": "fidelity"})
    page, _ = page_of(bare, tmp_path / "page.html")
    assert len(page.all("svg")) == 1


RAW = re.compile(r"\bnull\b|\bNone\b|\bnan\b|[{\[]['\"]|\d\.\d{9}")
"""What programs write and people do not: no value, a dictionary, more digits than anyone reads."""


@pytest.mark.parametrize("name", PAGES)
def test_no_page_shows_what_only_programs_read(name, tmp_path, undrawn):
    _, shown = page_of(PAGES[name](), tmp_path / "page.html")
    assert not RAW.findall(shown)


def test_many_facts_are_folded_and_wide_pictures_hint_at_more(tmp_path):
    result = fidelity_result()
    many = {f"fact {k}": k for k in range(13)}
    page, shown = page_of(replace(result, facts=result.facts | {"data": many}), tmp_path / "p.html")
    assert "All 13 facts of the data and the test" in shown
    assert "details" in next(around for tag, _, around in page.tags if tag == "dt")
    assert "Swipe the picture sideways" in shown
    _, shown = page_of(fidelity_result(), tmp_path / "q.html")
    assert "facts of the data and the test" not in shown


def test_a_long_table_scrolls_inside_itself(undrawn):
    result = weather_result()
    long = replace(result, table=pd.concat([result.table] * 41, ignore_index=True))
    text = page_text(long)
    assert "41 rows: scroll inside the table" in text
    assert text.count('<div class="scroll" data-long') == 1
    assert "data-long tabindex" not in page_text(result)


def test_ids_that_a_table_lists_are_not_listed_again_among_the_facts(undrawn):
    result = weather_result()
    facts = {"entered": ["u1"], "left": ["u2"], "points": [], "alarms": [], "kept_number": 7}
    shown = page_text(replace(result, facts=result.facts | facts))
    assert "<dt>kept number</dt>" in shown
    assert not {f"<dt>{name}</dt>" for name in facts if f"<dt>{name}</dt>" in shown}


def test_a_study_without_a_verdict_of_its_own_does_not_ask_its_question_twice(tmp_path):
    row = {"metric": "m", "value": 1.0, "spread": float("nan"), "better": "none"}
    table = pd.DataFrame([row | {"protocol": "study", "n": 1, "seed": 1}])
    rows = [["a", "+2.0 [+1.0, +3.0]"], ["b", "-1.0 [-2.0, +1.0]"]]
    part = {"heading": "Numbers", "note": "", "columns": ["arm", "change"], "rows": rows}
    facts = {"study": "study file", "name": "mine", "question": "Which?", "about": "Of two.",
             "parts": [part]}  # fmt: skip
    _, text = page_of(StudyResult(table, "Which? Of two.", facts), tmp_path / "a.html")
    assert text.count("Which?") == 2  # in the contents and as the heading
    assert text.count("Of two.") == 1
    assert "Change: of 2 intervals, above 0 in 1 (a)." in text
    assert "tsgen: study mine" in text
    _, told = page_of(StudyResult(table, "It is b.", facts), tmp_path / "b.html")
    assert "It is b." in told
