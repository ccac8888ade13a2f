"""Replaced and hidden cells."""

import math

import torch

from tsgen.features.tabular.network import ColumnTransformer
from tsgen.features.tabular.objectives import UNKNOWN_CATEGORY, masked_loss, replaced_loss
from tsgen.training import build_seeded


class Watching(torch.nn.Module):
    """Keeps the codes it is given; says that no cell is more likely than another."""

    def __init__(self):
        super().__init__()
        self.meant = [torch.nn.Linear(4, 6), torch.nn.Linear(4, 6)]

    def forward(self, codes):
        self.codes = codes
        return torch.zeros(*codes.shape, 4)

    def replacement(self, embedded):
        return embedded.sum(dim=2)


def table(rows=4000):
    random = torch.Generator().manual_seed(0)
    return torch.stack(
        [torch.full((rows,), 3), torch.randint(2, 6, (rows,), generator=random)], dim=1
    )


def test_replacements_come_from_the_column_itself_and_count_only_if_they_differ():
    codes, watching = table(), Watching()
    loss = replaced_loss(watching, codes, 0.5, torch.Generator().manual_seed(1))
    assert abs(loss.item() - math.log(2)) < 1e-6  # logits of 0
    given, known = watching.codes, watching.codes != UNKNOWN_CATEGORY
    assert (given[:, 0][known[:, 0]] == 3).all()  # a constant column can never be replaced
    changed = (given != codes)[:, 1][known[:, 1]].float().mean()
    assert abs(changed - 0.5 * 3 / 4) < 0.03


def test_hidden_cells_alone_are_asked_for():
    codes, watching = table(), Watching()
    masked_loss(watching, codes, 0.3, torch.Generator().manual_seed(1))
    hidden = watching.codes == UNKNOWN_CATEGORY
    assert abs(hidden.float().mean() - 0.3) < 0.03
    assert (watching.codes[~hidden] == codes[~hidden]).all()


def test_both_learn_what_columns_say_of_each_other():
    column = torch.randint(2, 5, (512,), generator=torch.Generator().manual_seed(0))
    codes = torch.stack([column, column, column], dim=1)
    for objective, floor in ((replaced_loss, 0.35), (masked_loss, 0.5)):
        network = build_seeded(lambda: ColumnTransformer([5, 5, 5], 16, 1, 2), 0)
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-2)
        random = torch.Generator().manual_seed(2)
        for _ in range(120):
            optimizer.zero_grad()
            loss = objective(network, codes, 0.3, random)
            loss.backward()
            optimizer.step()
        assert loss.item() < floor
