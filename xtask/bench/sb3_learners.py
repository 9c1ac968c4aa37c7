"""Steps a CPU second of stable-baselines3 learners, on one thread: `sb3_learners.py ppo|dqn|sac|sac256|td3256`.

The settings are those of the commands beside the figures in docs/BENCHMARKS.md. CPU time is taken,
not that of the clock, so that a busy machine changes little.
"""

import json
import sys
import time

import torch
from stable_baselines3 import DQN, PPO, SAC, TD3
from stable_baselines3.common.env_util import make_vec_env

torch.set_num_threads(1)
NET = {"net_arch": [64, 64]}


def ppo():
    env = make_vec_env("CartPole-v1", n_envs=8, seed=0)
    policy = {"net_arch": [64, 64], "activation_fn": torch.nn.Tanh}
    model = PPO("MlpPolicy", env, n_steps=256, batch_size=64, n_epochs=10, policy_kwargs=policy)
    return model, 0, 6144


def dqn():
    env = make_vec_env("CartPole-v1", n_envs=1, seed=0)
    settings = {"batch_size": 64, "train_freq": 4, "gradient_steps": 1, "buffer_size": 100_000}
    return DQN("MlpPolicy", env, learning_starts=1000, policy_kwargs=NET, **settings), 1000, 9000


def sac():
    env = make_vec_env("Pendulum-v1", n_envs=1, seed=0)
    settings = {"batch_size": 64, "train_freq": 1, "gradient_steps": 1}
    return SAC("MlpPolicy", env, learning_starts=100, policy_kwargs=NET, **settings), 100, 1100


def wide(kind):
    env = make_vec_env("Pendulum-v1", n_envs=1, seed=0)
    settings = {"batch_size": 256, "train_freq": 1, "gradient_steps": 1, "learning_rate": 1e-3}
    policy = {"net_arch": [256, 256]}
    return kind("MlpPolicy", env, learning_starts=100, policy_kwargs=policy, **settings), 150, 400


LEARNERS = {
    "ppo": ppo,
    "dqn": dqn,
    "sac": sac,
    "sac256": lambda: wide(SAC),
    "td3256": lambda: wide(TD3),
}

name = sys.argv[1]
learner, before, steps = LEARNERS[name]()
if before:
    learner.learn(before)
start = time.process_time()
learner.learn(steps, reset_num_timesteps=False)
rate = steps / (time.process_time() - start)
print(json.dumps({"rival": "stable-baselines3", "learner": name, "steps_per_cpu_s": round(rate)}))
