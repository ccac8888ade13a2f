import json

import pandas as pd
import pytest

import tsgen
from command_line import run, succeed


def agreement(slow, fast, size):
    """The share of the slow model's first users, item by item, among twice as many of the fast."""
    among = [
        slow.audience(item, size=size)["user_id"].isin(
            fast.audience(item, size=2 * size)["user_id"]
        )
        for item in slow.items.ids
    ]
    return pd.concat(among).mean()


def test_a_model_becomes_fast(shop, tmp_path):
    words = ["distil", shop / "model", "-o", tmp_path / "fast", "--rank", 2, "--seed", 1,
             "--set", "num_steps=40"]  # fmt: skip
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["rank"] == 2
    fast, slow = tsgen.load(tmp_path / "fast"), tsgen.load(shop / "model")
    assert fast.settings.relevance == "towers"
    assert facts["agreement"] == pytest.approx(agreement(slow, fast, facts["list_size"]), abs=1e-4)
    assert facts["agreement"] > 0.5  # by chance one in five
    assert run(*words).exit_code == 1
    idle = run(*words, "--overwrite", "--read", "unit=s")
    assert "--read unit=s has no effect without --log" in idle.output
    assert "among their first" in succeed(*words, "--overwrite").stdout
    succeed("audience", tmp_path / "fast", "--item", "tea", "--size", 3)
    again = run("distil", tmp_path / "fast", "-o", tmp_path / "faster")
    assert again.exit_code == 1
    assert "has towers already" in again.output
