"""Steps Gymnasium's vector environments with random actions: gymnasium_worlds.py [WORLD [SECONDS]].

Each world runs in the faster of its vector forms: the one written with arrays, where Gymnasium has
it, and the one that steps its lanes in turn."""

import gymnasium

import rival

WORLDS = ["CartPole-v1", "Pendulum-v1", "MountainCar-v0", "FrozenLake-v1", "CliffWalking-v1", "Taxi-v4"]
WORLDS += rival.MUJOCO
LANES = [1, 16, 64, 256, 1024]
# More lanes of these only take longer to make.
HEAVY_LANES = [1, 4]
ARRAY_LANES = [64, 1024, 4096, 16384]


def trial(world, mode, lanes, seconds):
    env = gymnasium.make_vec(world, num_envs=lanes, vectorization_mode=mode)
    env.reset(seed=0)
    rows = rival.actions(env.single_action_space, lanes)
    speed = rival.speed(env.step, rows, lanes, seconds)
    env.close()
    return speed


def main():
    worlds, seconds = rival.worlds_and_seconds(WORLDS)
    for world in worlds:
        forms = [("sync", HEAVY_LANES if world in rival.MUJOCO else LANES)]
        if gymnasium.spec(world).vector_entry_point:
            forms.append(("vector_entry_point", ARRAY_LANES))
        results = [
            rival.best(lambda lanes, time: trial(world, mode, lanes, time), candidates, seconds)
            for mode, candidates in forms
        ]
        lanes, speeds = max(results, key=lambda result: result[1][1])
        rival.report("gymnasium", world, lanes, speeds)


main()
