"""Updates a second of double DQN in PyTorch, for nets of several sizes, and the time to act for one
observation: the loop of plugins/torch/examples/updates.rs. One thread.

torch_updates.py [SECONDS]; lines of JSON.
"""

import json
import sys
import time

import numpy
import torch
from torch import nn

SIZES = [(4, 64, 2, 64), (23, 256, 6, 64), (23, 256, 6, 256), (23, 1024, 6, 256)]


def rate(seconds, call):
    for _ in range(20):
        call()
    start, calls = time.perf_counter(), 0
    while True:
        for _ in range(10):
            call()
        calls += 10
        spent = time.perf_counter() - start
        if spent >= seconds:
            return calls / spent


def net(inputs, hidden, choices):
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, choices)
    )


def measure(size, seconds):
    inputs, hidden, choices, rows = size
    draw = numpy.random.default_rng(0)
    online, target = net(inputs, hidden, choices), net(inputs, hidden, choices)
    target.load_state_dict(online.state_dict())
    optimiser = torch.optim.Adam(online.parameters(), lr=5e-4)
    # Samples come from a memory of numpy arrays, as in the usual implementations.
    obs = draw.standard_normal((rows, inputs), dtype=numpy.float32)
    next_obs = draw.standard_normal((rows, inputs), dtype=numpy.float32)
    actions = (numpy.arange(rows) % choices).reshape(-1, 1)
    rewards = numpy.ones((rows, 1), numpy.float32)
    going_on = numpy.ones((rows, 1), numpy.float32)

    def update():
        columns = [torch.from_numpy(column) for column in (obs, next_obs, actions, rewards, going_on)]
        seen, then, chosen, gained, goes_on = columns
        with torch.no_grad():
            best = online(then).argmax(1, keepdim=True)
            aim = gained + 0.99 * goes_on * target(then).gather(1, best)
        loss = nn.functional.smooth_l1_loss(online(seen).gather(1, chosen), aim)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(online.parameters(), 10.0)
        optimiser.step()

    one = obs[:1]

    def act():
        with torch.no_grad():
            return online(torch.from_numpy(one)).numpy()

    print(
        json.dumps(
            {
                "nets": f"PyTorch {torch.__version__.split('+')[0]}",
                "size": f"{inputs}-{hidden}-{hidden}-{choices} b{rows}",
                "updates_per_s": round(rate(seconds, update), 1),
                "acts_per_s": round(rate(seconds / 4, act), 1),
            }
        )
    )


if __name__ == "__main__":
    torch.set_num_threads(1)
    for size in SIZES:
        measure(size, float(sys.argv[1]) if len(sys.argv) > 1 else 1.0)
