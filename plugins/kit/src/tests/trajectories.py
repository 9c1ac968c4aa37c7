"""Prints where PyTorch's optimisers come to, in f64, for optimisers.rs."""

import torch

A = torch.tensor([1.0, 10.0, 0.1], dtype=torch.float64)
B = torch.tensor([0.3, -1.0, 2.0], dtype=torch.float64)
CASES = [
    ("Sgd { momentum: 0.0 }", lambda w: torch.optim.SGD([w], lr=0.01), 0.01),
    ("Sgd { momentum: 0.9 }", lambda w: torch.optim.SGD([w], lr=0.01, momentum=0.9), 0.01),
    (
        # Such an epsilon that its end is a point: with a small one it would move around for ever.
        "RmsProp { alpha: 0.99, epsilon: 1e-2, epsilon_inside: false }",
        lambda w: torch.optim.RMSprop([w], lr=0.001, alpha=0.99, eps=1e-2),
        0.001,
    ),
    ("adam(1e-5)", lambda w: torch.optim.Adam([w], lr=0.01, eps=1e-5), 0.01),
    (
        "Adam { betas: (0.8, 0.99), epsilon: 1e-8, decay: 0.1 }",
        lambda w: torch.optim.AdamW([w], lr=0.01, betas=(0.8, 0.99), weight_decay=0.1),
        0.01,
    ),
]

for name, make, rate in CASES:
    weights = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
    optimiser = make(weights)
    rows = []
    for step in range(1, 1001):
        optimiser.zero_grad()
        loss = (A * (weights - B) ** 2 / 2 + 0.1 * torch.sin(5 * weights)).sum()
        loss.backward()
        optimiser.step()
        if step in (10, 1000):
            rows.append([float(w) for w in weights.detach()])
    print(f"    check(Rule::{name}, {rate}, {rows});")
