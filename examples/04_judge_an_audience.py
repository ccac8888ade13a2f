"""Does the model find the buyers? Trained on the past, judged by the last four weeks."""

import tsgen
from tsgen.evaluation import evaluate_audience
from tsgen.report import plot_gain, write_page

events = tsgen.load_sample("online_retail")
result = evaluate_audience(
    events, tsgen.RIMEstimator(horizon="28D"), seed=1, options=tsgen.TrainingOptions(seed=1)
)
print(result.answer)

model = result.table[result.table["arm"] == "model"].set_index("metric")
print(model.loc[["user_rec_precision", "lift_at_1%", "auc"], ["value", "low", "high", "reference"]])

curves = {arm: result.arrays[f"gain.{arm}"] for arm in ("model", "repeat buyers", "random")}
plot_gain(curves, result.arrays["depths"]).figure.savefig("gain.png")

result.save("runs/shop")
write_page(result, "shop.html")
