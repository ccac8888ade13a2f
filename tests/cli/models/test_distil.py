import json

import tsgen
from command_line import run, succeed


def test_a_model_becomes_fast(shop, tmp_path):
    words = ["distil", shop / "model", "-o", tmp_path / "fast", "--rank", 2, "--seed", 1,
             "--set", "num_steps=40"]  # fmt: skip
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    facts = json.loads(result.stdout)
    assert facts["rank"] == 2
    assert facts["agreement"] > 0.8
    assert tsgen.load(tmp_path / "fast").settings.relevance == "towers"
    assert run(*words).exit_code == 1
    idle = run(*words, "--overwrite", "--read", "unit=s")
    assert "--read unit=s has no effect without --log" in idle.output
    assert "among their first" in succeed(*words, "--overwrite").stdout
    succeed("audience", tmp_path / "fast", "--item", "tea", "--size", 3)
    again = run("distil", tmp_path / "fast", "-o", tmp_path / "faster")
    assert again.exit_code == 1
    assert "has towers already" in again.output
