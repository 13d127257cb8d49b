"""Writes games.txt: steps of Gymnasium's CartPole-v1, in double. Needs gymnasium; python3 make_games.py > games.txt."""

import random

import gymnasium


def numbers(values):
    return " ".join(repr(float(value)) for value in values)


def steps():
    """One step from each of 500 states, some of which end the episode."""
    game = gymnasium.make("CartPole-v1").unwrapped
    game.reset(seed=0)
    draw = random.Random(1)
    before, actions, after, over = [], [], [], []
    for _ in range(500):
        state = [draw.uniform(-2.6, 2.6), draw.uniform(-3, 3), draw.uniform(-0.23, 0.23), draw.uniform(-3, 3)]
        action = draw.randrange(2)
        game.state, game.steps_beyond_terminated = state, None
        _, _, terminated, _, _ = game.step(action)
        before += state
        actions.append(action)
        after += [float(value) for value in game.state]
        over.append(terminated)
    print("case cartPole steps")
    for name, values in [("before", before), ("actions", actions), ("after", after), ("over", over)]:
        print(name, numbers(values))


def episode():
    """100 steps from one state: a simple rule keeps the pole up."""
    game = gymnasium.make("CartPole-v1").unwrapped
    game.reset(seed=0)
    game.state = [0.01, -0.02, 0.03, 0.04]
    print("case cartPole episode")
    print("before", numbers(game.state))
    actions, after = [], []
    for _ in range(100):
        action = int(game.state[2] + 0.5 * game.state[3] > 0)
        game.step(action)
        actions.append(action)
        after += [float(value) for value in game.state]
    print("actions", numbers(actions))
    print("after", numbers(after))


steps()
episode()
