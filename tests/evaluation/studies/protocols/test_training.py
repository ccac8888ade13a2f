"""The synthesizer of a cell: whose settings, whose seconds, whose seed."""

from types import SimpleNamespace

from tsgen.evaluation.studies.protocols import training


def test_settings_make_the_estimator_and_the_budget_is_of_the_processor(monkeypatch):
    asked = {}

    def factory(name):
        def make(**settings):
            return SimpleNamespace(
                train=lambda dataset, *, options: (
                    asked.update(name=name, settings=settings, dataset=dataset, options=options)
                    or "the model"
                )
            )

        return make

    monkeypatch.setattr(training, "synthesizer_factory", factory)
    settings = {"target_length": 8}
    model = training.train_synthesizer("psa-gan-c", "series", settings, budget="2s", seed=3)
    assert model == "the model"
    options = asked.pop("options")
    assert asked == {"name": "psa-gan-c", "settings": settings, "dataset": "series"}
    assert (options.seed, options.budget, options.budget_clock) == (3, 2.0, "cpu")
    assert options.progress is False
