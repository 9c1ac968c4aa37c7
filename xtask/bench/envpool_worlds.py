"""Steps EnvPool's environments with random actions: envpool_worlds.py [WORLD [SECONDS]].

It has one worker thread, and the thread that calls it runs beside that one."""

import envpool

import rival

# Its Taxi is the older version of the same world.
NAMES = {
    "CartPole-v1": "CartPole-v1",
    "Pendulum-v1": "Pendulum-v1",
    "MountainCar-v0": "MountainCar-v0",
    "FrozenLake-v1": "FrozenLake-v1",
    "CliffWalking-v1": "CliffWalking-v1",
    "Taxi-v4": "Taxi-v3",
    "LunarLander-v3": "LunarLander-v3",
    "BipedalWalker-v3": "BipedalWalker-v3",
    "CarRacing-v3": "CarRacing-v3",
    **{world: world for world in rival.MUJOCO},
    "FetchReach-v4": "FetchReach-v4",
    "FetchPush-v4": "FetchPush-v4",
}
LANES = [16, 64, 256, 1024, 4096]
# More lanes of these only take longer to make.
HEAVY_LANES = [4, 16, 64]


def is_heavy(name):
    return name.endswith(("-v5", "-v4")) and "Taxi" not in name or name == "CarRacing-v3"


def trial(name, lanes, seconds):
    env = envpool.make(name, env_type="gymnasium", num_envs=lanes, num_threads=1, seed=0)
    env.reset()
    rows = rival.actions(env.action_space, lanes)
    speed = rival.speed(env.step, rows, lanes, seconds)
    env.close()
    return speed


def main():
    worlds, seconds = rival.worlds_and_seconds(NAMES)
    for world in worlds:
        name = NAMES[world]
        lanes, speeds = rival.best(
            lambda lanes, time: trial(name, lanes, time),
            HEAVY_LANES if is_heavy(world) else LANES,
            seconds,
        )
        label = "envpool" if name == world else f"envpool ({name})"
        rival.report(label, world, lanes, speeds)


main()
