import numpy as np
import pytest

from tsgen.errors import DataError, SettingsError, TrainingInterruptedError
from tsgen.evaluation import discriminative_score
from tsgen.evaluation.fidelity.judges import discriminative_scores


@pytest.mark.parametrize("judge", ["trees", "recurrent"])
def test_judges_know_noise_from_cycles_and_cannot_tell_real_from_real(
    real_windows, judge, monkeypatch
):
    rng = np.random.default_rng(2)
    monkeypatch.setattr("tsgen.evaluation.fidelity.recurrent_judges._STEPS", 100)
    real, fresh = real_windows(300, 1), real_windows(300, 2)
    shuffled = rng.permuted(fresh, axis=1)
    assert discriminative_score(real, shuffled, judge=judge, seed=0) > 0.4
    assert discriminative_score(real, fresh, judge=judge, seed=0) < 0.12  # 3.5 sigma of chance


@pytest.mark.parametrize("judge", ["trees", "recurrent"])
def test_judges_trained_together_say_what_each_says_alone(real_windows, judge, monkeypatch):
    monkeypatch.setattr("tsgen.evaluation.fidelity.recurrent_judges._STEPS", 30)
    pairs = [(real_windows(60, k), real_windows(60, k + 9) ** (1 + k % 2), k) for k in range(7)]
    together = discriminative_scores(pairs, judge=judge)
    alone = [discriminative_score(a, b, judge=judge, seed=k) for a, b, k in pairs]
    np.testing.assert_allclose(together, alone, atol=1 / 60)  # one window on the edge, at most
    assert len(set(together)) > 2


def test_ctrl_c_while_a_judge_is_trained_is_ctrl_c(real_windows, monkeypatch):
    def interrupted(*_, **__):
        raise TrainingInterruptedError("after step 1", checkpoint=None)

    monkeypatch.setattr("tsgen.training.module.fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        discriminative_score(real_windows(9, 1), real_windows(9, 2), judge="recurrent", seed=0)


def test_a_judge_is_repeatable_and_does_not_mind_unequal_counts(real_windows):
    real, fresh = real_windows(80, 1), real_windows(50, 2) ** 2
    scores = [discriminative_score(real, fresh, judge="trees", seed=4) for _ in range(2)]
    assert scores[0] == scores[1]
    assert 0 <= scores[0] <= 0.5


def test_judges_refuse_what_they_cannot_judge(real_windows):
    with pytest.raises(SettingsError, match="'recurrent' or 'trees'"):
        discriminative_score(real_windows(9, 1), real_windows(9, 2), judge="me", seed=0)
    with pytest.raises(DataError, match="at least 4"):
        discriminative_score(real_windows(9, 1), real_windows(3, 2), seed=0)
