"""Any GluonTS forecaster as the activity of RIM, and RIM's activity as a GluonTS predictor."""

from gluonts.dataset.split import split
from gluonts.ev.metrics import NRMSE, MeanWeightedSumQuantileLoss
from gluonts.model import evaluate_model
from gluonts.model.seasonal_naive import SeasonalNaivePredictor

import tsgen
from tsgen.intensity import ForecasterActivity, agreement
from tsgen.report import plot_agreement

events = tsgen.load_sample("online_retail")
begin, end = "2011-11-11", "2011-12-09"  # four whole weeks, Friday to Thursday
known = events.before(begin).present()

# A forecaster of each customer's purchases a week says how active the customer will be ...
naive = SeasonalNaivePredictor(prediction_length=4, season_length=4)
forecast = ForecasterActivity(naive, freq="W-THU")
model = tsgen.RIMEstimator(horizon="28D", activity=forecast).train(known, at=begin)
print(model.audience("85099B", size=5))

# ... and RIM's own activity is a predictor that GluonTS can evaluate beside it.
own = tsgen.RIMEstimator(horizon="28D").train(known, at=begin)
predictor = own.activity_predictor("W-THU", events=known)
counts = events.activity_dataset("W-THU", until=end)
weeks = split(counts, offset=-4)[1].generate_instances(4)
metrics = [NRMSE(), MeanWeightedSumQuantileLoss([0.5, 0.9, 0.99])]
for candidate in (naive, predictor):
    print(evaluate_model(candidate, test_data=weeks, metrics=metrics))

# Do the users together do what the demand of each item lets us expect?
table = agreement(own, events, naive, freq="W-THU")
print(table.sort_values("past", ascending=False).head())
plot_agreement(table).figure.savefig("agreement.png")
