"""Writes style.txt: style transfer by PyTorch, with torch.optim.LBFGS without a line search for 20 iterations, and L-BFGS on
a function with a bent valley. Needs torch; python3 make_style.py > style.txt."""

import torch

SIDE = 12
STEPS = 20
WEIGHTS = {"contentWeight": 10.0, "styleWeight": 100.0, "totalVariation": 2.0}
EDGE = 0.1


def numbers(values):
    return " ".join(f"{value:.9g}" for value in torch.as_tensor(values).flatten().tolist())


def network():
    draw = torch.Generator().manual_seed(4)
    shapes = {"layers.0.weight": (4, 3, 3, 3), "layers.0.bias": (4,), "layers.2.weight": (5, 4, 3, 3),
              "layers.2.bias": (5,)}
    return {name: torch.randn(shape, generator=draw, dtype=torch.float32) * 0.4 for name, shape in shapes.items()}


def maps(t, x):
    """The maps of the convolutions: layers 0 and 2, a maxPool between them."""
    first = torch.relu(torch.nn.functional.conv2d(x, t["layers.0.weight"], t["layers.0.bias"], padding=1))
    pooled = torch.nn.functional.max_pool2d(first, 2)
    return first, torch.relu(
        torch.nn.functional.conv2d(pooled, t["layers.2.weight"], t["layers.2.bias"], padding=1))


def gram(f):
    rows = f.reshape(f.shape[1], -1)
    return rows @ rows.T / rows.numel()


def losses(t, x, content, style):
    """Style loss, content loss (of the last maps) and total variation."""
    own, wanted, kept = maps(t, x), maps(t, style), maps(t, content)
    style_loss = sum(
        ((gram(f) - gram(a)) ** 2).sum() / (gram(a) ** 2).sum() for f, a in zip(own, wanted)) / len(own)
    content_loss = ((own[-1] - kept[-1]) ** 2).sum() / (kept[-1] ** 2).sum()
    variation = ((x[..., 1:] - x[..., :-1]) ** 2).sum() + ((x[..., 1:, :] - x[..., :-1, :]) ** 2).sum()
    return style_loss, content_loss, variation / x.numel()


def pictures():
    place = torch.arange(SIDE, dtype=torch.float32)
    y, x = torch.meshgrid(place, place, indexing="ij")
    disc = ((x - 5.5) ** 2 + (y - 5.5) ** 2 < 14).float()
    content = torch.stack([0.1 + 0.8 * disc, 0.15 + 0.1 * disc, 0.1 + 0.3 * disc])
    wave = 0.5 + 0.4 * torch.sin(1.3 * (x + 0.5 * y))
    style = torch.stack([wave, 1 - wave, 0.3 + 0.4 * wave])
    return content[None], style[None]


def transfer():
    t = network()
    content, style = pictures()
    z = torch.logit(content.clamp(EDGE, 1 - EDGE)).requires_grad_()
    optimizer = torch.optim.LBFGS([z], lr=1, max_iter=STEPS, history_size=10, line_search_fn=None)
    seen, gradients = [], []

    def closure():
        optimizer.zero_grad()
        parts = losses(t, torch.sigmoid(z), content, style)
        loss = (WEIGHTS["styleWeight"] * parts[0] + WEIGHTS["contentWeight"] * parts[1]
                + WEIGHTS["totalVariation"] * parts[2])
        loss.backward()
        seen.append([float(part.detach()) for part in parts])
        gradients.append(z.grad.clone())
        return loss

    optimizer.step(closure)
    print("case style lbfgs")
    for name, values in t.items():
        print(f"start {name} {numbers(values)}")
    for name, value in WEIGHTS.items():
        print(f"knob {name} {value}")
    print(f"content {numbers(content)}")
    print(f"style {numbers(style)}")
    print(f"gradient {numbers(gradients[0])}")
    for index, name in enumerate(("styleLoss", "contentLoss", "totalVariation")):
        print(f"loss {name} {numbers([parts[index] for parts in seen])}")
    print(f"end {numbers(z.detach())}")


def valley(x):
    """Rosenbrock's function of pairs, made milder: without a line search the steps would leave it."""
    return (2 * (x[1::2] - x[::2] ** 2) ** 2 + (1 - x[::2]) ** 2).sum()


def minimum(history):
    x = torch.tensor([-1.2, 1.0, 0.4, -0.6, 1.5, 0.9], dtype=torch.float32, requires_grad=True)
    print(f"case lbfgs history{history}")
    print(f"memory {history}")
    print(f"start {numbers(x.detach())}")
    optimizer = torch.optim.LBFGS([x], lr=1, max_iter=1, history_size=history, line_search_fn=None)
    seen = []

    def closure():
        optimizer.zero_grad()
        loss = valley(x)
        loss.backward()
        seen.append(float(loss.detach()))
        return loss

    for _ in range(STEPS):
        optimizer.step(closure)
    print(f"losses {numbers(seen)}")
    print(f"end {numbers(x.detach())}")


if __name__ == "__main__":
    for history in (100, 3):
        minimum(history)
    transfer()
