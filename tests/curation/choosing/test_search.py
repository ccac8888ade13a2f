"""The search: who meets whom in which round, what is trained on what, and what is answered."""

from types import SimpleNamespace

import numpy as np
import pytest

from forecast_doubles import Doubling
from tsgen.curation import Candidate, RoundPlan, SynthesizerTraining, Transform
from tsgen.curation.choosing import Validation, search
from tsgen.curation.choosing.budget import Budget
from tsgen.curation.choosing.cells import Cells
from tsgen.curation.choosing.gains import Gain
from tsgen.curation.choosing.search import Search
from tsgen.curation.reference import NetworkSettings
from tsgen.data import simulate_series
from tsgen.errors import DataError

REAL = simulate_series(num_series=4, length=90, seed=1)
CUT = Validation.of(REAL, 6)
PLAN = RoundPlan((1, 2, 3), (1, 2, 4), (2, 3), 77)
LOSS = {"mixing": 0.8, "jitter": 0.9, "scaling": 1.1}


class FakeRace:
    """Ranks candidates by their operation and share, and remembers who ran."""

    made = None

    def __init__(self, validation, operations, cells, seed):
        self.operations, self.settings, self.failed = operations, NetworkSettings(), {}
        self.runs, self.losses = [], {}
        type(self).made = self

    def run(self, candidates, seeds, draws):
        self.runs.append(([c.name for c in candidates], seeds, draws))
        self.losses |= {candidate: [] for candidate in candidates}
        return sorted(candidates, key=lambda c: self.gain(c).change)

    def gain(self, candidate):
        ((name, share),) = candidate.parts
        change = LOSS[name] - 1 - 0.01 * share
        return Gain(change, change - 0.01, change + 0.01, 0.005, 9)


@pytest.fixture(autouse=True)
def _race(monkeypatch):
    monkeypatch.setattr(search, "Race", FakeRace)


def searching(*names, makers=None, plan=PLAN, budget=None):
    makers = makers or {name: Transform(name) for name in names}
    budget = budget or Budget(60.0, len(makers), 0)
    return Search(REAL, CUT, makers, budget, Cells(None, "facts"), 3, plan)


def test_rounds_keep_the_best_operations_and_then_the_best_shares():
    choice = searching("scaling", "jitter", "mixing").choice(None)
    first, second, last = FakeRace.made.runs
    assert first == (["scaling 50 %", "jitter 50 %", "mixing 50 %"], 1, 1)
    shares = [f"{name} {share} %" for name in ("mixing", "jitter") for share in (25, 50, 75)]
    assert second == (shares, 2, 2)
    assert last == (["mixing 75 %", "mixing 50 %", "mixing 25 %"], 3, 4)
    assert FakeRace.made.settings.max_steps == 77
    assert choice.chosen == Candidate.of("mixing", 0.75)
    assert choice.facts["plan"]["kept"] == (2, 3)
    assert choice.facts["seed"] == 3
    assert len(choice.table) == 7
    assert (choice.table["forecaster"] == "reference").all()


def test_the_answer_is_made_of_all_data():
    choice = searching("mixing").choice(None)
    assert choice.dataset.synthetic.sum() == 12  # three synthetic for each real one
    np.testing.assert_array_equal(choice.dataset.series(0), REAL.series(0))
    assert choice.dataset.lengths.max() == 90


def test_what_is_no_better_is_not_taken(monkeypatch):
    choice = searching("scaling").choice(None)
    assert choice.chosen is None
    assert choice.best == Candidate.of("scaling", 0.75)
    assert choice.operations == {}
    assert choice.dataset is REAL


class Synthesizer:
    """Is trained with the options that it remembers."""

    def __init__(self, error=None):
        self.trained, self.error = [], error

    def train(self, dataset, *, options):
        self.trained.append((dataset.lengths.tolist(), options.seed, options.budget))
        if self.error:
            raise self.error
        return Doubling()


def test_generators_learn_before_the_windows_and_the_chosen_one_anew_from_all(monkeypatch):
    monkeypatch.setitem(LOSS, "gan", 0.5)
    synthesizer = Synthesizer()
    budget = Budget(60.0, 1, 1)
    searching(makers={"gan": SynthesizerTraining(synthesizer, "gan")}, budget=budget).choice(None)
    learnt = CUT.learning.lengths.tolist()
    assert synthesizer.trained == [(learnt, 3, 12.0), (REAL.lengths.tolist(), 3, 12.0)]


def test_a_generator_that_fails_is_left_out_with_its_reason():
    makers = {"gan": SynthesizerTraining(Synthesizer(DataError("too short\nmore")), "gan")}
    budget = Budget(60.0, 2, 1)
    both = makers | {"mixing": Transform("mixing")}
    choice = searching(makers=both, budget=budget).choice(None)
    assert list(FakeRace.made.operations) == ["mixing"]
    failed = choice.table.set_index("candidate")["failed"].dropna()
    assert failed.to_dict() == {"gan": "too short"}
    none = searching(makers=makers, budget=budget).choice(None)
    assert none.best is none.chosen is none.gain is None
    assert FakeRace.made.runs == []


class Judge:
    """Loses less on augmented data than on real ones, but on those that it cannot be run with."""

    given = "a double"

    def __init__(self, *fails):
        self.asked, self.fails = [], fails

    def losses(self, training, validation, seed):
        synthetic = int(training.synthetic.sum())
        self.asked.append((synthetic, seed))
        if synthetic in self.fails:
            raise RuntimeError("no luck")
        return np.full((3, 4), 10.0 - 0.1 * synthetic) * (1 + 0.01 * np.arange(12).reshape(3, 4))


def test_the_users_forecaster_decides_among_the_last():
    judge = Judge()
    choice = searching("jitter", "mixing").choice(judge)
    assert judge.asked == [(n, 3 + draw) for n in (0, 12, 4, 1) for draw in range(4)]
    table = choice.table.set_index("candidate")
    own = table[table["forecaster"] == "yours"]
    assert own["change"].round(6).to_dict() == {
        "mixing 75 %": -12.0, "mixing 50 %": -4.0, "mixing 25 %": -1.0}  # fmt: skip
    assert (own["runs"] == 4).all()
    assert choice.best == Candidate.of("mixing", 0.75)


def test_a_forecaster_may_fail_on_some_candidates_but_not_on_all_or_on_real_alone():
    choice = searching("mixing").choice(Judge(12))
    assert choice.best == Candidate.of("mixing", 0.5)
    (failed,) = choice.table[choice.table["failed"].notna()].itertuples()
    assert (failed.candidate, failed.failed) == (
        "mixing 75 %", "with your forecaster: RuntimeError: no luck")  # fmt: skip
    with pytest.raises(DataError, match=r"fails on every candidate; mixing 75 %: .*no luck"):
        searching("mixing").choice(Judge(1, 4, 12))
    with pytest.raises(DataError, match="fails on the real series alone: RuntimeError: no luck"):
        searching("mixing").choice(Judge(0))


def test_without_a_plan_one_is_timed_and_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(search, "_member_seconds", lambda validation, settings: 0.25)
    asked = []

    def planned(member, drawn):
        asked.append((member, drawn > 0))
        return PLAN

    budget = SimpleNamespace(plan=planned, seconds=60.0, generator_seconds=0.0, begin=0.0)
    for _ in range(2):
        made = Search(REAL, CUT, {"mixing": Transform("mixing")}, budget,
                      Cells(tmp_path, "facts"), 3, None)  # fmt: skip
        assert made.choice(None).facts["plan"]["seeds"] == (1, 2, 3)
    assert asked == [(0.25, True)]


def test_the_cost_of_a_network_is_its_share_of_many_to_the_last_step(monkeypatch):
    now, trained = [0.0], []

    def train(members, sets, stopping, settings):
        trained.append((len(members), settings.max_steps))
        now[0] += settings.max_steps

    monkeypatch.setattr(search, "train_stack", train)
    monkeypatch.setattr(search.time, "perf_counter", lambda: now[0])
    seconds = search._member_seconds(CUT, NetworkSettings(max_steps=500, check_every=20))
    assert trained == [(24, 20), (24, 40)]
    assert seconds == pytest.approx(500 / 24)


def test_what_is_narrowed_away_is_not_run_and_the_mixture_and_policy_are(monkeypatch):
    from tsgen.curation import AugmentationPolicy, PolicyEntry
    from tsgen.curation.choosing.candidates import Way
    from tsgen.curation.choosing.narrowing import Narrowing

    monkeypatch.setitem(LOSS, "policy", 0.7)
    policy = AugmentationPolicy([PolicyEntry(1, "jitter", 0.05, 1.0)])

    def narrowed(validation, operations, seed):
        assert (validation, list(operations), seed) == (CUT, ["scaling", "jitter", "mixing"], 3)
        ways = (Way.of("mixing", (0.25, 0.5)), Way.of("policy", (0.5, 0.75)))
        return Narrowing(ways, {**operations, "policy": policy}, {"scaling": "left out: why"}, {})

    monkeypatch.setattr(search, "narrowed", narrowed)
    makers = {name: Transform(name) for name in ("scaling", "jitter", "mixing")}
    budget = Budget(60.0, 3, 0)
    found = Search(REAL, CUT, makers, budget, Cells(None, "facts"), 3, PLAN, narrow=True)
    choice = found.choice(None)
    first, second, _ = FakeRace.made.runs
    assert first[0] == ["mixing 50 %", "policy 50 %"]
    assert second[0] == ["policy 50 %", "policy 75 %", "mixing 25 %", "mixing 50 %"]
    assert budget.num_operations == 2
    assert choice.chosen.name == "policy 75 %"
    assert list(choice.operations) == ["policy"]
    assert choice.dataset.synthetic.sum() == 12
    assert choice.facts["narrowing"]["left_out"] == ["scaling"]
    failed = choice.table.set_index("candidate")["failed"].dropna()
    assert failed.to_dict() == {"scaling": "left out: why"}


def test_a_policys_generators_are_trained_anew_from_all_data(monkeypatch):
    from tsgen.curation import AugmentationPolicy, PolicyEntry
    from tsgen.curation.choosing.candidates import Way
    from tsgen.curation.choosing.narrowing import Narrowing

    monkeypatch.setitem(LOSS, "policy", 0.5)
    monkeypatch.setitem(LOSS, "mixing", 0.9)

    def narrowed(validation, operations, seed):
        policy = AugmentationPolicy([PolicyEntry(1, "gan", None, 1.0)], {"gan": operations["gan"]})
        return Narrowing((Way.of("policy"),), {**operations, "policy": policy})

    monkeypatch.setattr(search, "narrowed", narrowed)
    synthesizer = Synthesizer()
    makers = {"gan": SynthesizerTraining(synthesizer, "gan"), "mixing": Transform("mixing")}
    found = Search(
        REAL, CUT, makers, Budget(60.0, 2, 1), Cells(None, "facts"), 3, PLAN, narrow=True
    )
    choice = found.choice(None)
    trained = [lengths for lengths, _, _ in synthesizer.trained]
    assert trained == [CUT.learning.lengths.tolist(), REAL.lengths.tolist()]
    assert choice.operations["policy"].entries[0].operation == "gan"


def test_a_rule_of_the_user_decides():
    from tsgen.curation import DecisionRule

    always = DecisionRule(-np.inf, -np.inf)
    found = Search(
        REAL, CUT, {"scaling": Transform("scaling")}, Budget(60.0, 1, 0), Cells(None, "facts"), 3,
        PLAN, always,
    )  # fmt: skip
    choice = found.choice(None)
    assert choice.chosen == choice.best == Candidate.of("scaling", 0.75)
    assert choice.facts["rule"] == "-inf standard errors, -inf % expected"
