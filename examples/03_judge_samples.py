"""Are the samples any good? Every measure beside what real data score against real data."""

import tsgen
from tsgen.evaluation import evaluate_fidelity
from tsgen.report import write_page

real = tsgen.load_sample("electricity_hourly")
train, test = real.split(last=168)
model = tsgen.PSAGANEstimator(target_length=48).train(
    train, options=tsgen.TrainingOptions(seed=1, budget="1min")
)
samples = model.sample(1000, seed=2)

result = evaluate_fidelity(train, samples, test_dataset=test, model=model, num_windows=500, seed=3)
print(result.answer)
print(result.table[["metric", "value", "spread", "floor", "floor_spread"]])

result.save("runs/load")
write_page(result.with_history(model.history), "load.html")
