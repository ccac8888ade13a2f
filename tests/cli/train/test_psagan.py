"""`tsgen train psa-gan` and `psa-gan-c`: what reaches the estimator, and what is said."""

import json

import pytest

import tsgen.psagan
from command_line import TINY, Recorder, answer, fail, succeed


def test_train_says_what_it_made(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--seed", "3", *TINY]
    found = answer(*words)
    assert found["model"] == str(tmp_path / "m")
    assert (found["num_series"], found["seed"], sum(found["schedule"])) == (3, 3, 6)
    assert not (tmp_path / "m.checkpoint").exists()


def test_a_dry_run_prints_settings_that_config_takes(place, tmp_path):
    shown = succeed(
        "train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", *TINY, "--dry-run"
    )
    assert json.loads(shown.stdout)["target_length"] == 8
    assert not (tmp_path / "m").exists()
    (tmp_path / "settings.json").write_text(shown.stdout)
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--seed", "1"]
    succeed(*words, "--config", tmp_path / "settings.json", "--read", "static=shop")
    both = [(f / "weights.safetensors").read_bytes() for f in (place / "model", tmp_path / "m")]
    assert both[0] == both[1]


def test_set_goes_before_the_settings_file(place, tmp_path):
    (tmp_path / "s.toml").write_text('target_length = 16\npreset = "paper"\nloss = "hinge"\n')
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--dry-run"]
    shown = succeed(*words, "--config", tmp_path / "s.toml", "--set", "target_length=32")
    settings = json.loads(shown.stdout)
    assert (settings["target_length"], settings["preset"]) == (32, "paper")
    assert settings["loss"] == "hinge"


def test_fine_tuning_from_a_saved_model(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--read", "static=shop"]
    found = answer(*words, "--from", place / "model", "--set", "num_steps=3")
    assert sum(found["schedule"]) == 3
    message = fail(*words[:-1], "static=shop", "--from", place / "model", "--set", "noise=false",
                   "--overwrite")  # fmt: skip
    assert "--from keeps the settings of its model; leave out noise" in message


def test_resume_with_nothing_to_resume_says_so(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", *TINY, "--resume"]
    assert "There is nothing to resume" in succeed(*words).stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "target_lenght=8"], "no setting 'target_lenght'. Did you mean 'target_length'?"),
        (["--set", "target_length"], "has no '='"),
        (["--set", "target_length=100000"], "target_length=100000 is not possible"),
        (
            ["--set", "target_length=500", "--set", "num_steps=20"],
            "has 72 steps; target_length=500 needs at least that many",
        ),
        (["--budget", "soon"], "'soon' is not a time; write 90s, 10min or 1.5h"),
        (["--budget", "-5s"], "'-5s' is not a time"),
        (["--budget", "0s"], "--budget 0.0 is not possible"),
        (["--seed", "-1"], "--seed -1 is not possible"),
        (["--device", "warp"], "--device warp is not a device"),
        (["--devices", "0"], "--devices 0 is not possible"),
        (["--read", "colour=red"], "--read colour=red is not understood"),
        (["--read", "tarjet=y"], "Did you mean 'target'?"),
        (["--read", "target=load"], "'load'"),
        (["--read", "freq=D"], "freq"),
        (["--read", "static=shops"], "Did you mean 'shop'?"),
        (["--set", "freq=D"], "The data have freq 'h', the settings say 'D'"),
        (["--config", "nowhere.toml"], "settings file nowhere.toml cannot be read"),
        (["--from", "nowhere"], "There is no model at nowhere"),
    ],
)
def test_a_wrong_option_of_train_is_one_sentence(place, tmp_path, words, message):
    base = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m"]
    size = any("target_length=" in str(word) for word in words)  # two sizes are one too many
    small = [] if "--from" in words or size else TINY
    assert message in fail(*base, *small, *words)
    assert not (tmp_path / "m").exists()


def test_broken_settings_files_are_told(place, tmp_path):
    for name, text in (("a.toml", "x = "), ("b.json", "{"), ("c.json", "[1]")):
        (tmp_path / name).write_text(text)
        words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m"]
        assert name in fail(*words, "--config", tmp_path / name)


def test_a_budget_and_a_number_of_steps_are_one_too_many(place, tmp_path):
    words = ["train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", *TINY]
    assert "num_steps=6 and a budget of 60 s both say" in fail(*words, "--budget", "1min")


OPTIONS = ["--seed", "7", "--budget", "90s", "--resume", "--checkpoint-every", "5s"]
OPTIONS += ["--device", "cpu", "--devices", "2"]


class Stop(Exception):
    """Ends a command once its arguments are known."""


@pytest.mark.parametrize(
    ("verb", "kind"),
    [("psa-gan", "PSAGANEstimator"), ("psa-gan-c", "PSAGANForecastEstimator")],
)
def test_every_option_reaches_the_training(place, tmp_path, monkeypatch, verb, kind):
    seen = {}

    def train(self, dataset, *, options):
        seen.update(length=self.target_length, dataset=dataset, options=options)
        raise Stop

    monkeypatch.setattr(getattr(tsgen.psagan, kind), "train", train)
    words = ["train", verb, place / "load.csv", "-o", tmp_path / "m", *OPTIONS, "--set",
             "target_length=8"]  # fmt: skip
    words += ["--read", "static=shop"]
    words += ["--set", "prediction_length=8"] if verb == "psa-gan-c" else []
    fail(*words)
    options = seen["options"]
    assert (options.seed, options.budget, options.device, options.devices) == (7, 90, "cpu", 2)
    assert options.checkpoint == tmp_path / "m.checkpoint"
    assert (options.checkpoint_seconds, options.resume) == (5, True)
    assert seen["length"] == 8
    assert seen["dataset"].static_names == ("shop",)


def test_fine_tuning_passes_its_steps_on_and_loads_where_asked(place, tmp_path, monkeypatch):
    class Known:
        fine_tune = Recorder()

    load = Recorder(Known)
    monkeypatch.setattr("tsgen.persistence.load", load)
    fail("train", "psa-gan", place / "load.csv", "-o", tmp_path / "m", "--from", place / "model",
         "--set", "num_steps=3", "--device", "cpu", "--seed", "2")  # fmt: skip
    assert load.calls == [((place / "model",), {"device": "cpu"})]
    assert Known.fine_tune.kwargs["num_steps"] == 3
    assert Known.fine_tune.kwargs["options"].seed == 2
    shown = succeed(
        "train", "psa-gan", "none.csv", "-o", "m", "--from", place / "model", "--dry-run"
    )
    assert json.loads(shown.stdout) == {"num_steps": 1000}


def test_a_dry_run_of_psa_gan_c_prints_its_settings_and_a_model_is_not_overwritten(place, tmp_path):
    shown = succeed("train", "psa-gan-c", "none.csv", "-o", tmp_path / "m", "--dry-run",
                    "--set", "prediction_length=5")  # fmt: skip
    assert json.loads(shown.stdout)["prediction_length"] == 5
    assert "exists already" in fail("train", "psa-gan-c", place / "load.csv", "-o", place / "model")
