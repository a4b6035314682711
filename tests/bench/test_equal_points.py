"""Equal data points are known as such, because they have one reference with one error."""

import torch

from evidence_bench.benchmarks.measuring.subject import groups_of


def test_a_group_is_named_by_its_first_point():
    x = torch.tensor([[1.0, 2.0], [3.0, 4.0], [1.0, 2.0], [1.0, 2.5], [3.0, 4.0]])
    assert groups_of(x).tolist() == [0, 1, 0, 3, 1]
    assert groups_of(x[:, :0]).tolist() == [0] * 5
