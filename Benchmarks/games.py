#!/usr/bin/env python3
"""Measures layercake bench cart-pole beside stable-baselines3 and a plain PyTorch loop on this machine.

usage: Benchmarks/games.py [--binary PATH] [--rounds 3] [--steps 4000] [--threads 1]

The work is the same on every side: steps of CartPole-v1 with one update each, 4 → 64 → 64 → 2 ReLU, batches of 64 from a
replay memory, Huber loss, Adam, a target network, random actions of 5 %. The loop has double Q-learning, as layercake; DQN
of stable-baselines3 has not. Every round runs each side once; the table shows medians of steps a second.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import time

from environment import inside

inside("torch", "gymnasium", "stable_baselines3")
import gymnasium
import torch
from stable_baselines3 import DQN

HERE = os.path.dirname(os.path.abspath(__file__))


def layercake(binary, steps, threads):
    answer = subprocess.run(
        [binary, "bench", "cart-pole", "--seconds", "3", "--threads", str(threads), "--format", "json"],
        capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)["results"][0]["median"]


def stable_baselines(steps):
    model = DQN(
        "MlpPolicy", "CartPole-v1", batch_size=64, learning_starts=200, train_freq=1, gradient_steps=1,
        target_update_interval=200, exploration_fraction=0.01, exploration_final_eps=0.05, buffer_size=10_000,
        policy_kwargs={"net_arch": [64, 64]}, device="cpu", seed=1)
    model.learn(500)
    start = time.perf_counter()
    model.learn(steps, reset_num_timesteps=False)
    return steps / (time.perf_counter() - start)


def loop(steps):
    def network():
        return torch.nn.Sequential(
            torch.nn.Linear(4, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))

    env, size, count = gymnasium.make("CartPole-v1"), 10_000, 0
    q, target = network(), network()
    optimizer = torch.optim.Adam(q.parameters(), lr=1e-3)
    states, following = torch.zeros(size, 4), torch.zeros(size, 4)
    actions, rewards, ends = torch.zeros(size, dtype=torch.long), torch.zeros(size), torch.zeros(size)
    state = torch.from_numpy(env.reset(seed=1)[0])

    def step():
        nonlocal count, state
        with torch.no_grad():
            action = random.randrange(2) if random.random() < 0.05 else int(q(state).argmax())
        after, reward, over, cut, _ = env.step(action)
        after, place = torch.from_numpy(after), count % size
        states[place], following[place], actions[place] = state, after, action
        rewards[place], ends[place] = float(reward), float(over)
        count += 1
        state = torch.from_numpy(env.reset()[0]) if over or cut else after
        drawn = torch.randint(min(count, size), (64,))
        with torch.no_grad():
            best = q(following[drawn]).argmax(1, keepdim=True)
            wanted = rewards[drawn] + 0.99 * (1 - ends[drawn]) * target(following[drawn]).gather(1, best)[:, 0]
        answers = q(states[drawn]).gather(1, actions[drawn][:, None])[:, 0]
        loss = torch.nn.functional.smooth_l1_loss(answers, wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if count % 200 == 0:
            target.load_state_dict(q.state_dict())

    for _ in range(300):
        step()
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return steps / (time.perf_counter() - start)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", default=os.path.join(HERE, "..", ".build", "release", "layercake"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    if not os.path.exists(options.binary):
        sys.exit(f"{options.binary} is not there: build it first with swift build -c release")
    torch.set_num_threads(options.threads)
    sides = {
        "layercake": lambda: layercake(options.binary, options.steps, options.threads),
        "PyTorch": lambda: loop(options.steps), "stable-baselines3": lambda: stable_baselines(options.steps),
    }
    rates = {name: [] for name in sides}
    for _ in range(options.rounds):
        for name, side in sides.items():
            rates[name].append(side())
    own = statistics.median(rates["layercake"])
    for name, found in rates.items():
        middle = statistics.median(found)
        print(f"{name:20}{middle:10.0f} steps/s{own / middle:9.1f} ×")


if __name__ == "__main__":
    main()
