/// Modules that PyTorch has not, written out in a script that uses them.
enum TorchHelpers {
    /// By the names of the modules, in the order in which they are written.
    static let all: KeyValuePairs<String, String> = [
        "Function": """
        class Function(nn.Module):
            \"""A function of each value.\"""

            def __init__(self, function):
                super().__init__()
                self.function = function

            def forward(self, x):
                return self.function(x)
        """,
        "Noise": """
        class Noise(nn.Module):
            \"""Adds Gaussian noise while training.\"""

            def __init__(self, deviation):
                super().__init__()
                self.deviation = deviation

            def forward(self, x):
                return x + self.deviation * torch.randn_like(x) if self.training else x
        """,
        "Tied": """
        class Tied(nn.Module):
            \"""Uses the weight of another layer, transposed, with a bias of its own.\"""

            def __init__(self, owner, units):
                super().__init__()
                self.owner = [owner]  # in a list: its parameters are its own
                self.bias = nn.Parameter(torch.zeros(units))

            def forward(self, x):
                return x @ self.owner[0].weight + self.bias
        """,
        "Residual": """
        class Residual(nn.Module):
            \"""Adds what a stack makes of its input to the input, or to what a second stack makes of it.\"""

            def __init__(self, body, shortcut):
                super().__init__()
                self.body, self.shortcut = body, shortcut

            def forward(self, x):
                y = self.body(x)
                return y + self.shortcut(x).reshape(y.shape)
        """,
        "Branches": """
        class Branches(nn.Module):
            \"""Runs several stacks over the same input and joins what they make of it.\"""

            def __init__(self, *stacks, join):
                super().__init__()
                self.stacks, self.join = nn.ModuleList(stacks), join

            def forward(self, x):
                parts = [stack(x) for stack in self.stacks]
                if self.join == "concatenate":
                    alike = all(part.shape[2:] == parts[0].shape[2:] for part in parts)
                    return torch.cat(parts if alike else [part.flatten(1) for part in parts], 1)
                parts = [part.reshape(parts[0].shape) for part in parts]
                if self.join == "max":
                    largest = parts[0]
                    for part in parts[1:]:  # the gradient goes to the first of the largest
                        largest = torch.where(part > largest, part, largest)
                    return largest
                return sum(parts) / (len(parts) if self.join == "mean" else 1)
        """,
        "Local2d": """
        class Local2d(nn.Module):
            \"""A convolution with kernels of its own for each place.\"""

            def __init__(self, axes, stride, padding):
                super().__init__()
                self.weight = nn.Parameter(torch.zeros(axes))  # rows, columns, filters, channels, kernel, kernel
                self.bias = nn.Parameter(torch.zeros(axes[2], axes[0], axes[1]))
                self.window = {"kernel_size": axes[-1], "stride": stride, "padding": padding}

            def forward(self, x):
                patches = F.unfold(x, **self.window).unflatten(2, self.bias.shape[1:])
                return torch.einsum("bkij,ijfk->bfij", patches, self.weight.flatten(3)) + self.bias
        """,
        "Lengths": """
        class Lengths:
            \"""The number of steps of each sequence of the batch at work.\"""

            now = None

            @staticmethod
            def mask(x):
                \"""1 at the steps that a sequence of x [samples, steps, values] has, 0 behind its end.\"""
                return (torch.arange(x.shape[1]) < Lengths.now[:, None])[:, :, None].to(x.dtype)
        """,
        "Recurrent": """
        class Recurrent(nn.Module):
            \"""Cells over the steps of sequences [samples, steps, values]: their states at all steps, or the last ones.\"""

            def __init__(self, cells, returns):
                super().__init__()
                self.cells, self.returns = cells, returns

            def forward(self, x):
                states, last = self.cells(x)
                if self.returns == "all":
                    return states
                last = last[0] if isinstance(last, tuple) else last
                return torch.cat(list(last[-2:] if self.cells.bidirectional else last[-1:]), 1)
        """,
        "MaskedRecurrent": """
        class MaskedRecurrent(nn.Module):
            \"""Cells over the steps of sequences, each as long as it is.\"""

            def __init__(self, cells, returns):
                super().__init__()
                self.cells, self.returns = cells, returns

            def forward(self, x):
                packed = nn.utils.rnn.pack_padded_sequence(
                    x, Lengths.now, batch_first=True, enforce_sorted=False)
                states, last = self.cells(packed)
                if self.returns == "all":
                    return nn.utils.rnn.pad_packed_sequence(states, True, total_length=x.shape[1])[0]
                last = last[0] if isinstance(last, tuple) else last
                return torch.cat(list(last[-2:] if self.cells.bidirectional else last[-1:]), 1)
        """,
        "CarriedRecurrent": """
        class CarriedRecurrent(nn.Module):
            \"""Cells whose state goes on from batch to batch, where gradients end; `state` None begins at 0.\"""

            def __init__(self, cells, returns):
                super().__init__()
                self.cells, self.returns, self.state = cells, returns, None

            def forward(self, x):
                state = self.state
                if state is not None:  # a smaller batch goes on with the first streams
                    state = tuple(part[:, :len(x)].contiguous() for part in state)
                    state = state if isinstance(self.cells, nn.LSTM) else state[0]
                states, last = self.cells(x, state)
                last = last if isinstance(last, tuple) else (last,)
                self.state = tuple(part.detach() for part in last)
                return states if self.returns == "all" else last[0][-1]
        """,
        "LastStep": """
        class LastStep(nn.Module):
            \"""The values of a sequence's last step.\"""

            def forward(self, x):
                return x[:, -1]
        """,
        "MaskedLastStep": """
        class MaskedLastStep(nn.Module):
            \"""The values of each sequence's own last step.\"""

            def forward(self, x):
                return x[torch.arange(len(x)), Lengths.now.clamp(min=1) - 1]
        """,
        "MeanOverTime": """
        class MeanOverTime(nn.Module):
            \"""The mean of a sequence's steps.\"""

            def forward(self, x):
                return x.mean(1)
        """,
        "MaskedMeanOverTime": """
        class MaskedMeanOverTime(nn.Module):
            \"""The mean of each sequence's own steps.\"""

            def forward(self, x):
                return (x * Lengths.mask(x)).sum(1) / Lengths.now.clamp(min=1)[:, None]
        """,
        "EachStep": """
        class EachStep(nn.Module):
            \"""Applies the same layers to every step of a sequence.\"""

            def __init__(self, body):
                super().__init__()
                self.body = body

            def forward(self, x):
                return torch.stack([self.body(x[:, step]) for step in range(x.shape[1])], 1)
        """,
        "Repeat": """
        class Repeat(nn.Module):
            \"""Gives the same values at every step of a sequence.\"""

            def __init__(self, steps):
                super().__init__()
                self.steps = steps

            def forward(self, x):
                return x[:, None].expand(-1, self.steps, -1)
        """,
        "Embedding": """
        class Embedding(nn.Embedding):
            \"""Looks up a vector for each symbol's number; 0 for a negative one.\"""

            def forward(self, x):
                symbols = x[:, :, 0].long()
                return super().forward(symbols.clamp(min=0)) * (symbols >= 0)[:, :, None]
        """,
        "ConvolutionOverSteps": """
        class ConvolutionOverSteps(nn.Module):
            \"""Slides kernels over the steps of sequences [samples, steps, values].\"""

            def __init__(self, features, filters, kernel, dilation, causal):
                super().__init__()
                self.kernels = nn.Conv1d(features, filters, kernel, dilation=dilation)
                span = dilation * (kernel - 1)
                left = span if causal else span // 2
                self.padding = (left, span - left)

            def forward(self, x):
                return self.kernels(F.pad(x.transpose(1, 2), self.padding)).transpose(1, 2)
        """,
        "SelfAttention": attention("SelfAttention", "", mask: "None"),
        "MaskedSelfAttention": attention(
            "MaskedSelfAttention", " of its own steps",
            mask: "torch.arange(x.shape[1]) >= Lengths.now[:, None]"),
        "SampledCode": """
        class SampledCode(nn.Module):
            \"""A mean and a variance for each unit, of which training draws its value; `penalty` is their divergence.\"""

            def __init__(self, inputs, units, weight):
                super().__init__()
                self.sums, self.weight = nn.Linear(inputs, 2 * units), weight

            def forward(self, x):
                mean, logarithm = self.sums(x).chunk(2, 1)
                self.penalty = self.weight * 0.5 * (mean * mean + logarithm.exp() - 1 - logarithm).sum(1).mean()
                return mean + (logarithm / 2).exp() * torch.randn_like(mean) if self.training else mean
        """,
        "Sparsity": """
        class Sparsity(nn.Module):
            \"""Keeps the mean of each unit over the batch near a target; `penalty` is its distance.\"""

            def __init__(self, target, weight):
                super().__init__()
                self.target, self.weight = target, weight

            def forward(self, x):
                mean = x.mean((0, 2, 3) if x.dim() == 4 else 0)
                near = mean.clamp(0.01, 0.99)  # it goes on along its tangents
                own, other = self.target / near, (1 - self.target) / (1 - near)
                distance = self.target * math.log(self.target) + (1 - self.target) * math.log(1 - self.target)
                distance = distance - self.target * near.log() - (1 - self.target) * (1 - near).log()
                self.penalty = self.weight * (distance + (mean - near) * (other - own)).sum()
                return x
        """,
    ]

    private static func attention(_ name: String, _ steps: String, mask: String) -> String {
        """
        class \(name)(nn.Module):
            \"""Self-attention of one head: every step takes from the others\(steps) as much as its query fits their keys.\"""

            def __init__(self, steps, features, causal, positions):
                super().__init__()
                self.attention = nn.MultiheadAttention(features, 1, batch_first=True)
                self.later = torch.ones(steps, steps).triu(1).bool() if causal else None
                self.register_buffer("positions", torch.zeros(steps, features) if positions else None)

            def forward(self, x):
                if self.positions is not None:
                    x = x + self.positions
                return self.attention(
                    x, x, x, attn_mask=self.later, key_padding_mask=\(mask), need_weights=False)[0]
        """
    }

    /// Functions that other parts of a script call.
    static let freeze = """
        def freeze(module):
            \"""Keeps a module's parameters and running statistics as they are.\"""
            module.requires_grad_(False)
            for part in module.modules():
                if isinstance(part, (nn.BatchNorm1d, nn.BatchNorm2d)):
                    part.training = False
                    part.train = lambda mode=True, part=part: part
            return module
        """

    static let moved = """
        def moved(x, xx=1.0, xy=0.0, x0=0.0, yx=0.0, yy=1.0, y0=0.0):
            \"""Takes each pixel from (xx x + xy y + x0, yx x + yy y + y0), in pixels from the images' middle; 0 outside.\"""
            height, width = x.shape[2:]
            row = lambda *parts: torch.stack([torch.as_tensor(part).float().expand(len(x)) for part in parts], 1)
            matrix = torch.stack([row(xx, xy, x0), row(yx, yy, y0)], 1)
            ys, xs = torch.meshgrid(
                torch.arange(height) - (height - 1) / 2, torch.arange(width) - (width - 1) / 2, indexing="ij")
            places = torch.einsum("nij,hwj->nhwi", matrix, torch.stack([xs, ys, torch.ones_like(xs)], 2))
            grid = places / torch.tensor([max(width - 1, 1) / 2, max(height - 1, 1) / 2])
            return F.grid_sample(x, grid, padding_mode="zeros", align_corners=True)
        """
}
