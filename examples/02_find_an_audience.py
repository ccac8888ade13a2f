"""Which customers will buy a product in the next four weeks? From an event log to a table."""

import tsgen

events = tsgen.load_sample("online_retail")  # or read_interactions("events.parquet")
print(events)

model = tsgen.RIMEstimator(horizon="28D").train(events, options=tsgen.TrainingOptions(seed=1))

# The 100 customers most likely to buy one bag; probability is the chance of at least one purchase.
audience = model.audience("85099B", size=100)
print(audience.head())

# Two bags as one campaign, Germany only, without customers who were written to last week.
campaign = model.audience(
    ["85099B", "85099F"],
    threshold=0.1,
    where={"country": "Germany"},
    exclude=audience["user_id"][:10],
)
print(campaign)

# The other way round: what to show one customer.
print(model.recommend(audience["user_id"][0], size=5))

model.save("models/shop")  # scores later without the log: tsgen.load("models/shop")
