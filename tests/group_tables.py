"""Users of two groups with lists and outcomes, and the measures as slow loops."""

import numpy as np
import pandas as pd

from tsgen.responsible import attributes_of, read_facets
from tsgen.responsible.bias.counts import GroupSums, Selection


def draw_users(seed, n=60, values=("a", "b")):
    """A table of users with a category, who was listed and who acted; every mix occurs."""
    random = np.random.default_rng(seed)
    table = pd.DataFrame({
        "user_id": range(n),
        "kind": random.choice(values, n, p=random.dirichlet(np.full(len(values), 4.0))),
        "stratum": random.choice(["x", "y", "z"], n),
    })  # fmt: skip
    listed, acted = random.random(n) < random.uniform(0.2, 0.8), random.random(n) < 0.5
    return table, listed, acted


def both_counts(table, listed, acted, facet="kind"):
    """The counts of those compared with, and of each group: (1, groups, strata)."""
    groups = read_facets(attributes_of(None, table), facet)[0]
    strata = pd.factorize(table["stratum"], sort=True)[0].astype(np.int64)
    sums = GroupSums(groups, Selection.of_list(listed, acted), strata)
    names = [groups.groups[code] for code in sums.compared]
    return names, sums.pairs()


def ratio(top, bottom):
    if bottom == 0:
        return 0.0 if top == 0 else np.inf
    return top / bottom


def loop_measures(in_d, listed, acted, strata):
    """Every measure of Clarify by a loop over users."""
    count = {"a": [0] * 4, "d": [0] * 4}  # both, alarm, missed, passed
    for d, s, y in zip(in_d, listed, acted, strict=True):
        count["d" if d else "a"][0 if s and y else 1 if s else 2 if y else 3] += 1
    rates = {}
    for name, (both, alarm, missed, passed) in count.items():
        n = both + alarm + missed + passed
        rates[name] = {
            "n": n, "p": (both + alarm) / n, "q": (both + missed) / n,
            "recall": ratio(both, both + missed), "precision": ratio(both, both + alarm),
            "right": (both + passed) / n, "spec": ratio(passed, passed + alarm),
            "refused": ratio(passed, missed + passed),
            "ca": ratio(both + missed, both + alarm), "cr": ratio(alarm + passed, missed + passed),
            "te": ratio(missed, alarm),
        }  # fmt: skip
    a, d = rates["a"], rates["d"]
    labels = [(1 - a["q"], 1 - d["q"]), (a["q"], d["q"])]
    both = [(x, y) for x, y in labels if x > 0 and y > 0]
    benefits = [int(s) - int(y) + 1 for s, y in zip(listed, acted, strict=True)]
    mean = sum(benefits) / len(benefits)
    return {
        "CI": (a["n"] - d["n"]) / (a["n"] + d["n"]),
        "DPPL": a["p"] - d["p"], "DI": ratio(d["p"], a["p"]), "DPL": a["q"] - d["q"],
        "DD": disparity(in_d, listed),
        "CDD": conditional(in_d, listed, strata), "CDDL": conditional(in_d, acted, strata),
        "KL": sum(x * np.log(x / y) for x, y in both),
        "JS": sum(x * np.log(2 * x / (x + y)) + y * np.log(2 * y / (x + y)) for x, y in both) / 2,
        "LP": sum((x - y) ** 2 for x, y in both) ** 0.5,
        "TVD": sum(abs(x - y) for x, y in both) / 2,
        "KS": max([abs(x - y) for x, y in both], default=0.0),
        "RD": a["recall"] - d["recall"], "DAR": a["precision"] - d["precision"],
        "DRR": d["refused"] - a["refused"], "AD": a["right"] - d["right"],
        "SD": d["spec"] - a["spec"], "DCA": a["ca"] - d["ca"], "DCR": d["cr"] - a["cr"],
        "TE": d["te"] - a["te"],
        "GE": sum((b / mean) ** 2 - 1 for b in benefits) / (2 * len(benefits)),
    }  # fmt: skip


def disparity(in_d, taken):
    refused = [d for d, t in zip(in_d, taken, strict=True) if not t]
    accepted = [d for d, t in zip(in_d, taken, strict=True) if t]
    return ratio(sum(refused), len(refused)) - ratio(sum(accepted), len(accepted))


def conditional(in_d, taken, strata):
    total = 0.0
    for stratum in set(strata):
        inside = [k for k, s in enumerate(strata) if s == stratum]
        total += len(inside) * disparity([in_d[k] for k in inside], [taken[k] for k in inside])
    return total / len(strata)
