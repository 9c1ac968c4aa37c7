"""Q-learning on Gymnasium's Taxi-v4, learning included: gymnasium_q_learning.py [Taxi-v4 [SECONDS]].

Plain lists hold the table, since they are faster than arrays for one number at a time, and the
environment runs without the checker that `make` puts around it."""

import random
import time

import gymnasium

import rival

STEP_SIZE = 0.1
DISCOUNT = 0.99
EXPLORATION = 0.1


def learn(world, seconds):
    env = gymnasium.make(world, disable_env_checker=True)
    actions = int(env.action_space.n)
    table = [[0.0] * actions for _ in range(int(env.observation_space.n))]
    random.seed(0)
    state, _ = env.reset(seed=0)
    steps = 0
    start, start_cpu = time.perf_counter(), time.process_time()
    while (spent := time.perf_counter() - start) < seconds:
        for _ in range(100):
            values = table[state]
            if random.random() < EXPLORATION:
                action = random.randrange(actions)
            else:
                action = values.index(max(values))
            following, reward, terminated, truncated, _ = env.step(action)
            target = reward if terminated else reward + DISCOUNT * max(table[following])
            values[action] += STEP_SIZE * (target - values[action])
            state = env.reset()[0] if terminated or truncated else following
        steps += 100
    return steps / spent, steps / (time.process_time() - start_cpu)


def main():
    worlds, seconds = rival.worlds_and_seconds(["Taxi-v4"])
    for world in worlds:
        rival.report("gymnasium q-learning", world, 1, learn(world, seconds))


main()
