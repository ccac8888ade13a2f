"""`tsgen evaluate interaction`: a forecaster by name, the page, what is not possible."""

import pytest

from command_line import answer, fail, succeed
from coupled_series import coupled


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pair")
    coupled(1.5, steps=400).series.to_frame().to_csv(folder / "pair.csv", index=False)
    return folder / "pair.csv"


WORDS = ["--forecaster", "reference_linear", "--prediction-length", 2, "--windows", 10]


def test_a_forecaster_that_cannot_mix_has_a_share_of_zero(pair, tmp_path):
    words = [*WORDS, "--series", "pair/follower", "--context", 10, "--seed", 1]
    shown = answer("evaluate", "interaction", pair, *words, "-o", tmp_path / "run")
    shares = {row["player"]: row["value"] for row in shown["table"] if row["metric"] == "share"}
    assert shares["other series"] in (0, None)  # None is withheld
    assert (tmp_path / "run" / "page.html").is_file()
    done = succeed("report", tmp_path / "run", "-o", tmp_path / "page.html")
    assert done.exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--series", "leder"], "'leder' is none of the series"),
        (["--forecaster", "itransfomer"], "Did you mean 'itransformer'"),
        (["--forecaster", "os:path"], "os:path"),
        (["--set", "contextlength=3"], "no setting 'contextlength'"),
        (["--metric", "rmse"], "--metric rmse is unknown"),
    ],
)
def test_what_is_not_possible_says_why(pair, tmp_path, words, said):
    assert said in fail("evaluate", "interaction", pair, *WORDS, *words, "-o", tmp_path / "run")


def test_one_series_has_no_others(pair, tmp_path):
    one = tmp_path / "one.csv"
    lines = pair.read_text().splitlines()
    one.write_text("\n".join(lines[:401]) + "\n")
    said = fail("evaluate", "interaction", one, *WORDS, "-o", tmp_path / "run")
    assert "There is one series only, 'pair/leader'" in said
