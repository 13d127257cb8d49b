"""Writes adversarial.txt: gradients of a generator and a discriminator by PyTorch, the slope penalty by its double backward.
Needs torch; python3 make_adversarial.py > adversarial.txt."""

import torch

torch.set_default_dtype(torch.float64)
COUNT = 6


def numbers(values):
    return " ".join(f"{value:.10g}" for value in torch.as_tensor(values).flatten().tolist())


def networks(seed):
    draw = torch.Generator().manual_seed(seed)
    shapes = {
        "layers.0.weight": (5, 3), "layers.0.bias": (5,), "layers.1.weight": (2, 5), "layers.1.bias": (2,),
        "layers.3.weight": (4, 2), "layers.3.bias": (4,), "layers.4.weight": (3, 4), "layers.4.bias": (3,),
        "output.weight": (1, 3), "output.bias": (1,)}
    return {name: torch.randn(shape, generator=draw).mul(0.7).requires_grad_() for name, shape in shapes.items()}


def generate(t, z):
    h = torch.tanh(z @ t["layers.0.weight"].T + t["layers.0.bias"])
    return torch.tanh(h @ t["layers.1.weight"].T + t["layers.1.bias"])


def judge(t, x):
    for name in ("layers.3", "layers.4"):
        x = torch.tanh(x @ t[f"{name}.weight"].T + t[f"{name}.bias"])
    return (x @ t["output.weight"].T + t["output.bias"])[:, 0]


def discriminator_loss(kind, real, fake, weight, smoothing):
    if kind == "leastSquares":
        return 0.5 * ((real - 1 + smoothing) ** 2).sum() + 0.5 * (fake**2).sum()
    if kind == "wasserstein":
        return fake.sum() - real.sum()
    cross = torch.nn.functional.binary_cross_entropy_with_logits
    return weight * cross(real, torch.full_like(real, 1 - smoothing), reduction="sum") + cross(
        fake, torch.zeros_like(fake), reduction="sum")


def generator_loss(kind, fake):
    log = torch.nn.functional.logsigmoid
    return {"minimax": log(-fake), "nonSaturating": -log(fake), "leastSquares": 0.5 * (fake - 1) ** 2,
            "wasserstein": -fake}[kind].sum()


def gradients(t, loss):
    names = list(t)
    return dict(zip(names, torch.autograd.grad(loss, [t[name] for name in names], allow_unused=True)))


def main():
    draw = torch.Generator().manual_seed(7)
    z, x = torch.rand(COUNT, 3, generator=draw), torch.rand(COUNT, 2, generator=draw)
    for seed, kind in enumerate(("nonSaturating", "minimax", "leastSquares", "wasserstein")):
        t = networks(seed)
        weight, smoothing = (0.95, 0.1) if kind != "wasserstein" else (1, 0)
        if kind == "leastSquares":
            weight = 1
        print(f"case adversarial {kind}")
        print(f"noise {numbers(z)}\nreal {numbers(x)}\nweight {weight}\nsmoothing {smoothing}")
        for name, values in t.items():
            print(f"start {name} {numbers(values)}")
        made = generate(t, z)
        print(f"made {numbers(made)}")
        for name, values in gradients(
                t, discriminator_loss(kind, judge(t, x), judge(t, made.detach()), weight, smoothing)).items():
            if values is not None:
                print(f"discriminator {name} {numbers(values)}")
        for name, values in gradients(t, generator_loss(kind, judge(t, made))).items():
            if name < "layers.2":
                print(f"generator {name} {numbers(values)}")
        # The points between: the shares are one half each.
        between = (0.5 * x + 0.5 * made.detach()).requires_grad_()
        slope, = torch.autograd.grad(judge(t, between).sum(), between, create_graph=True)
        penalty = 3 * ((slope.norm(dim=1) - 1) ** 2).sum()
        for name, values in gradients(t, penalty).items():
            if values is not None:
                print(f"penalty {name} {numbers(values)}")
        print()


main()
