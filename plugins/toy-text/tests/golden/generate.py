"""Writes the golden data of the toy-text worlds from Gymnasium itself.

    python generate.py            (gymnasium 1.4.0, numpy 2.4.x)

Files, all plain text:
  episodes.txt  per world and options: digests over blocks of seeds, and the first steps in full
  models.txt    per world and options: a digest of the whole transition table, and its optimum
  maps.txt      maps of generate_random_map(size, p, seed)
  registry.txt  ids with their limits, thresholds and sizes
"""

import struct
from functools import lru_cache
from pathlib import Path

import gymnasium as gym
import numpy as np
from gymnasium.envs.toy_text import blackjack
from gymnasium.envs.toy_text.frozen_lake import generate_random_map

HERE = Path(__file__).parent
MASK = (1 << 64) - 1
# A world without a limit of its own is cut here.
STEPS_MAX = 250
EPISODES = 2
# Steps of a seed that are written out; the digests cover all of them.
LINES_MAX = 24
BLOCK = 100
SMALL_SEEDS = 1000
LARGE_SEEDS = [(1 << 32) - 1, 1 << 32, (1 << 32) + 1, 1 << 63, MASK - 1, MASK] + [
    (0x9E3779B97F4A7C15 * k) & MASK for k in range(1, 95)
]

LAKE = {"custom": ["SFFHS", "FHFFF", "SFFFG"], "size6": generate_random_map(6, 0.7, 3)}

# id, arguments of gym.make, the same as our parameters.
CASES = [
    ("FrozenLake-v1", {}, ""),
    ("FrozenLake-v1", {"is_slippery": False}, "is_slippery=false"),
    ("FrozenLake-v1", {"success_rate": 0.8}, "success_rate=0.8"),
    ("FrozenLake-v1", {"success_rate": 0.0}, "success_rate=0.0"),
    ("FrozenLake-v1", {"success_rate": 1.0}, "success_rate=1.0"),
    (
        "FrozenLake-v1",
        {"reward_schedule": (10, -5, -0.1)},
        "reward_schedule=10.0,-5.0,-0.1",
    ),
    ("FrozenLake-v1", {"desc": LAKE["custom"]}, "desc=" + "/".join(LAKE["custom"])),
    (
        "FrozenLake-v1",
        {"desc": LAKE["size6"], "success_rate": 0.5},
        "map_name=random map_size=6 map_p=0.7 map_seed=3 success_rate=0.5",
    ),
    ("FrozenLake-v1", {"map_name": "8x8", "is_slippery": False}, "map_name=8x8 is_slippery=false"),
    ("FrozenLake8x8-v1", {}, ""),
    ("CliffWalking-v1", {}, ""),
    ("CliffWalkingSlippery-v1", {}, ""),
    ("Taxi-v4", {}, ""),
    ("Taxi-v4", {"is_rainy": True}, "is_rainy=true"),
    ("Taxi-v4", {"fickle_passenger": True}, "fickle_passenger=true"),
    (
        "Taxi-v4",
        {"fickle_passenger": True, "fickle_probability": 1.0},
        "fickle_passenger=true fickle_probability=1.0",
    ),
    (
        "Taxi-v4",
        {"is_rainy": True, "rainy_probability": 0.55, "fickle_passenger": True},
        "is_rainy=true rainy_probability=0.55 fickle_passenger=true",
    ),
    ("Blackjack-v1", {}, ""),
    ("Blackjack-v1", {"sab": False}, "sab=false"),
    ("Blackjack-v1", {"sab": False, "natural": True}, "sab=false natural=true"),
]


class Fnv:
    """FNV-1a with 64 bits, over little-endian words."""

    def __init__(self):
        self.value = 0xCBF29CE484222325

    def add(self, data):
        value = self.value
        for byte in data:
            value = ((value ^ byte) * 0x100000001B3) & MASK
        self.value = value

    def hex(self):
        return f"{self.value:016x}"


def mixed(seed, index):
    """The finaliser of SplitMix64: a fair word for each (seed, index)."""
    x = (seed + (index + 1) * 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def choose(seed, index, obs, policy, actions):
    """Even seeds wander; odd ones follow the policy three times of four, to reach goals."""
    word = mixed(seed, index)
    if policy is not None and seed % 2 == 1 and word >> 62:
        return policy[obs[0]]
    return (word >> 8) % actions


def columns(obs):
    return [int(x) for x in obs] if isinstance(obs, tuple) else [int(obs)]


def record(obs, reward, terminated, truncated, info):
    mask = [int(x) for x in info.get("action_mask", [])]
    data = b"".join(struct.pack("<q", x) for x in obs)
    data += struct.pack("<d", float(reward))
    data += bytes([terminated, truncated])
    data += struct.pack("<d", float(info.get("prob", 1.0)))
    return data + bytes(mask), mask


def line(seed, action, obs, reward, terminated, truncated, info, mask):
    return " ".join(
        [
            "step",
            str(seed),
            "-" if action is None else str(action),
            ",".join(map(str, obs)),
            repr(float(reward)),
            str(int(terminated)),
            str(int(truncated)),
            repr(float(info.get("prob", 1.0))),
            "".join(map(str, mask)) or "-",
        ]
    )


def play(env, seed, policy, digest, lines):
    """Two episodes: the first after reset(seed), the second on the generator as it stands."""
    index = 0
    for episode in range(EPISODES):
        obs, info = env.reset(seed=seed) if episode == 0 else env.reset()
        obs = columns(obs)
        data, mask = record(obs, 0.0, False, False, info)
        digest.add(data)
        if lines is not None and len(lines) < LINES_MAX:
            lines.append(line(seed, None, obs, 0.0, False, False, info, mask))
        for _ in range(STEPS_MAX):
            action = choose(seed, index, obs, policy, int(env.action_space.n))
            index += 1
            obs, reward, terminated, truncated, info = env.step(action)
            obs = columns(obs)
            data, mask = record(obs, reward, terminated, truncated, info)
            digest.add(bytes([action]) + data)
            if lines is not None and len(lines) < LINES_MAX:
                lines.append(line(seed, action, obs, reward, terminated, truncated, info, mask))
            if terminated or truncated:
                break


def optimum(world, horizon):
    """Largest expected return within `horizon` steps, and the policy of the last sweep."""
    states, actions = world.observation_space.n, world.action_space.n
    value = np.zeros(states)
    best = np.zeros(states, dtype=int)
    for _ in range(horizon):
        q = np.array(
            [
                [
                    sum(p * (r + (0.0 if t else value[s])) for p, s, r, t in world.P[state][action])
                    for action in range(actions)
                ]
                for state in range(states)
            ]
        )
        value, best = q.max(axis=1), q.argmax(axis=1)
    return float(world.initial_state_distrib @ value), best


def model_digest(world):
    digest = Fnv()
    for state in range(world.observation_space.n):
        digest.add(struct.pack("<d", world.initial_state_distrib[state]))
        for action in range(world.action_space.n):
            for p, s, r, t in world.P[state][action]:
                digest.add(struct.pack("<dqdB", p, s, float(r), int(t)))
    return digest.hex()


def blackjack_optimum(natural, sab):
    """Largest expected reward of one game, by walking through every hand as Gymnasium scores it."""
    deck = blackjack.deck

    @lru_cache(None)
    def dealer_ends(hand):
        if blackjack.sum_hand(hand) >= 17:
            return ((hand, 1.0),)
        ends = {}
        for card in deck:
            for end, p in dealer_ends(tuple(sorted(hand + (card,)))):
                ends[end] = ends.get(end, 0.0) + p / len(deck)
        return tuple(ends.items())

    def dealers(shown):
        ends = {}
        for card in deck:
            for end, p in dealer_ends(tuple(sorted((shown, card)))):
                key = (blackjack.score(end), blackjack.is_natural(end))
                ends[key] = ends.get(key, 0.0) + p / len(deck)
        return ends

    def best(shown):
        ends = dealers(shown)

        def stick(hand):
            total = 0.0
            for (score, dealer_natural), p in ends.items():
                reward = blackjack.cmp(blackjack.score(hand), score)
                if sab and blackjack.is_natural(hand) and not dealer_natural:
                    reward = 1.0
                elif not sab and natural and blackjack.is_natural(hand) and reward == 1.0:
                    reward = 1.5
                total += p * reward
            return total

        @lru_cache(None)
        def value(hand):
            if blackjack.is_bust(hand):
                return -1.0
            hits = sum(value(tuple(sorted(hand + (card,)))) for card in deck) / len(deck)
            return max(stick(hand), hits)

        return sum(value(tuple(sorted((a, b)))) for a in deck for b in deck) / len(deck) ** 2

    return sum(best(shown) for shown in deck) / len(deck)


def main():
    episodes, models = [], []
    for name, arguments, ours in CASES:
        env = gym.make(name, **arguments)
        header = f"case {name} {ours}".strip()
        world, policy = env.unwrapped, None
        episodes.append(header)
        if hasattr(world, "P"):
            # CliffWalking has no limit; long after both of them have settled is soon enough.
            horizon = env.spec.max_episode_steps or 2000
            value, policy = optimum(world, horizon)
            models += [header, f"digest {model_digest(world)}", f"optimum {horizon} {value!r}"]
            episodes.append("policy " + "".join(map(str, policy)))
        else:
            value = blackjack_optimum(world.natural, world.sab)
            models += [header, f"optimum 22 {value!r}"]
        for seed in (0, 1, LARGE_SEEDS[-1]):
            lines = []
            play(env, seed, policy, Fnv(), lines)
            episodes += lines
        seeds = list(range(SMALL_SEEDS)) + LARGE_SEEDS
        for start in range(0, len(seeds), BLOCK):
            digest = Fnv()
            for seed in seeds[start : start + BLOCK]:
                play(env, seed, policy, digest, None)
            episodes.append(f"block {start} {digest.hex()}")
        print(header, flush=True)
    (HERE / "episodes.txt").write_text("\n".join(episodes) + "\n")
    (HERE / "models.txt").write_text("\n".join(models) + "\n")

    maps = []
    for size, p in [(2, 0.8), (3, 0.5), (4, 0.8), (5, 0.6), (8, 0.8), (8, 1.0), (8, 1.5), (12, 0.65), (20, 0.8)]:
        for seed in (0, 1, 2, 7, 42, 1 << 40):
            maps.append(f"{size} {p} {seed} " + "/".join(generate_random_map(size, p, seed)))
    (HERE / "maps.txt").write_text("\n".join(maps) + "\n")

    registry = []
    for name in sorted({case[0] for case in CASES}):
        env = gym.make(name)
        limit, threshold = env.spec.max_episode_steps, env.spec.reward_threshold
        space = env.observation_space
        sizes = ",".join(str(s.n) for s in space) if isinstance(space, gym.spaces.Tuple) else str(space.n)
        registry.append(f"{name} {limit or '-'} {threshold or '-'} {sizes} {env.action_space.n}")
    (HERE / "registry.txt").write_text("\n".join(registry) + "\n")


if __name__ == "__main__":
    main()
