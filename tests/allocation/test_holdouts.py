import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from tsgen.allocation import UserHashes


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("salt", ["a", "b", "spring"])
def test_shares_are_within_three_standard_errors(share, salt):
    held = UserHashes(range(20_000), salt).held_out("", share)
    assert abs(held.mean() - share) < 3 * np.sqrt(share * (1 - share) / 20_000)


def test_nobody_and_everybody_can_be_held_out():
    hashes = UserHashes(range(100), "x")
    assert not hashes.held_out("", 0.0).any()
    assert hashes.held_out("", 1.0).all()


def test_a_number_and_its_text_are_one_user_whoever_stands_beside():
    numbers, texts = UserHashes(pd.Index([5, 17]), "x"), UserHashes(["17", "9", "5"], "x")
    held = [hashes.held_out("n", share) for share in np.linspace(0, 1, 50)
            for hashes in (numbers, texts)]  # fmt: skip
    for by_number, by_text in zip(held[::2], held[1::2], strict=True):
        assert by_number.tolist() == [by_text[2], by_text[0]]


def test_campaigns_salts_and_all_draw_independently():
    hashes = UserHashes(range(20_000), "x")
    others = [hashes.held_out("b", 0.5), hashes.held_out("", 0.5),
              UserHashes(range(20_000), "y").held_out("a", 0.5)]  # fmt: skip
    mine = hashes.held_out("a", 0.5)
    for other in others:
        assert abs((mine & other).mean() - 0.25) < 3 * np.sqrt(0.25 * 0.75 / 20_000)


def test_another_process_holds_out_the_same_users():
    code = (
        "from tsgen.allocation import UserHashes; "
        "print(UserHashes(range(64), 's').held_out('c', .5).astype(int).tolist())"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str(
        UserHashes(range(64), "s").held_out("c", 0.5).astype(int).tolist()
    )
