"""Steps a second of sbx learners (JAX) on one core: `sbx_learners.py sac256|td3256`.

Run it bound to one core (`taskset -c 0`): JAX has threads of its own, so that CPU time of the process and the
time of the clock are both told. What is compiled is compiled before the clock starts.
"""

import json
import os
import sys
import time

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["JAX_PLATFORMS"] = "cpu"

from sbx import SAC, TD3  # noqa: E402

name = sys.argv[1]
kind = {"sac256": SAC, "td3256": TD3}[name]
settings = {"batch_size": 256, "train_freq": 1, "gradient_steps": 1, "learning_rate": 1e-3}
policy = {"net_arch": [256, 256]}
learner = kind("MlpPolicy", "Pendulum-v1", learning_starts=100, policy_kwargs=policy, seed=0, **settings)
learner.learn(300)
cpu, wall, steps = time.process_time(), time.perf_counter(), 800
learner.learn(steps, reset_num_timesteps=False)
cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
figures = {"steps_per_cpu_s": round(steps / cpu), "steps_per_s": round(steps / wall)}
print(json.dumps({"rival": "sbx", "learner": name, **figures}))
