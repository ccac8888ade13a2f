"""Train PSA-GAN on a few series, put synthetic ones beside them, train DeepAR on both."""

import torch
from gluonts.dataset.split import split
from gluonts.ev.metrics import MeanWeightedSumQuantileLoss
from gluonts.model import evaluate_model
from gluonts.torch import DeepAREstimator

import tsgen

real = tsgen.load_sample("electricity_hourly")  # or read_series("load.csv")
train, _ = real.split(last=168)  # the last week is the test

synthesizer = tsgen.PSAGANEstimator(target_length=48).train(
    train, options=tsgen.TrainingOptions(seed=1, budget="1min")
)
augmented = tsgen.augment(train, synthesizer, ratio=1.0, constraints="infer", seed=2)
print(augmented)

torch.manual_seed(3)
forecaster = DeepAREstimator(
    freq="h",
    prediction_length=24,
    context_length=48,
    num_batches_per_epoch=50,
    trainer_kwargs={"max_epochs": 4, "logger": False, "enable_progress_bar": False},
)
predictor = forecaster.train(augmented)

_, template = split(real, offset=-168)
loss = MeanWeightedSumQuantileLoss([0.1, 0.5, 0.9])
week = template.generate_instances(24, windows=7)
print(evaluate_model(predictor, test_data=week, metrics=[loss]))
