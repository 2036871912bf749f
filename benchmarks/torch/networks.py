"""The networks of this SDK in PyTorch, by the tensor names of their checkpoints, and how they are timed.

Frozen weights, channels-last, float32.
"""
import math
import time

import torch
import torch.nn.functional as F

FIR = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
SIGNED_SHIFT = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)
SIGNED_SCALE = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)


def channels_last(x):
    return x.contiguous(memory_format=torch.channels_last)


def fir(x, pad, gain):
    kernel = (torch.outer(FIR, FIR) * gain).expand(x.shape[1], 1, 4, 4)
    return F.conv2d(F.pad(x, pad), kernel, groups=x.shape[1])


class Generator:
    def __init__(self, weights):
        self.t = weights
        self.sizes = [4]
        while f"synthesis.b{self.sizes[-1] * 2}.conv0.weight" in weights:
            self.sizes.append(self.sizes[-1] * 2)
        self.num_ws = 2 * len(self.sizes)
        self.conv = {}
        for name, weight in weights.items():
            if name.endswith(("conv0.weight", "conv1.weight", "torgb.weight")):
                self.conv[name] = channels_last(weight)
                self.conv[name + ".energy"] = weight.square().sum((2, 3))

    def style(self, layer, w):
        affine = self.t[layer + ".affine.weight"]
        return F.linear(w, affine / math.sqrt(affine.shape[1]), self.t[layer + ".affine.bias"])

    def layer(self, x, name, w, up, noise):
        name = "synthesis." + name
        weight = self.conv[name + ".weight"]
        s = self.style(name, w)
        demodulate = torch.rsqrt(s.square() @ self.conv[name + ".weight.energy"].T + 1e-8)
        x = x * s[:, :, None, None]
        if up:
            x = fir(F.conv_transpose2d(x, weight.transpose(0, 1), stride=2), (1, 1, 1, 1), 4)
        else:
            x = F.conv2d(x, weight, padding=1)
        x = x * demodulate[:, :, None, None] + self.t[name + ".bias"].view(1, -1, 1, 1)
        if noise:
            x = x + self.t[name + ".noise_const"] * self.t[name + ".noise_strength"]
        return F.leaky_relu(x, 0.2) * math.sqrt(2)

    def rgb(self, x, name, w):
        name = "synthesis." + name
        weight = self.conv[name + ".weight"]
        s = self.style(name, w) / math.sqrt(weight.shape[1])
        return F.conv2d(x * s[:, :, None, None], weight) + self.t[name + ".bias"].view(1, 3, 1, 1)

    def __call__(self, ws, noise=True):
        x = channels_last(self.t["synthesis.b4.const"][None])
        x = self.layer(x, "b4.conv1", ws[:, 0], False, noise)
        image = self.rgb(x, "b4.torgb", ws[:, 1])
        for i, size in enumerate(self.sizes[1:]):
            x = self.layer(x, f"b{size}.conv0", ws[:, 2 * i + 1], True, noise)
            x = self.layer(x, f"b{size}.conv1", ws[:, 2 * i + 2], False, noise)
            spread = F.pad(image[:, :, :, None, :, None], (0, 1, 0, 0, 0, 1)).reshape(1, 3, size, size)
            image = fir(spread, (2, 1, 2, 1), 4) + self.rgb(x, f"b{size}.torgb", ws[:, 2 * i + 3])
        return image


class Fan:
    def __init__(self, weights, modules):
        self.t = {k: channels_last(v) if v.dim() == 4 else v for k, v in weights.items()}
        self.modules = modules

    def norm(self, x, name):
        t = self.t
        scale = t[name + ".weight"] * torch.rsqrt(t[name + ".running_var"] + 1e-5)
        shift = t[name + ".bias"] - t[name + ".running_mean"] * scale
        return F.relu(x * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1))

    def conv(self, x, name, **options):
        return F.conv2d(x, self.t[name + ".weight"], self.t.get(name + ".bias"), **options)

    def block(self, x, name):
        a = self.conv(self.norm(x, name + ".bn1"), name + ".conv1", padding=1)
        b = self.conv(self.norm(a, name + ".bn2"), name + ".conv2", padding=1)
        c = self.conv(self.norm(b, name + ".bn3"), name + ".conv3", padding=1)
        if name + ".downsample.2.weight" in self.t:
            x = self.conv(self.norm(x, name + ".downsample.0"), name + ".downsample.2")
        return torch.cat([a, b, c], 1) + x

    def hourglass(self, x, name, level):
        up = self.block(x, f"{name}.b1_{level}")
        low = self.block(F.avg_pool2d(x, 2), f"{name}.b2_{level}")
        low = self.hourglass(low, name, level - 1) if level > 1 else self.block(low, f"{name}.b2_plus_1")
        return up + F.interpolate(self.block(low, f"{name}.b3_{level}"), scale_factor=2)

    def __call__(self, image):
        x = self.norm(self.conv(image, "conv1", stride=2, padding=3), "bn1")
        x = self.block(F.avg_pool2d(self.block(x, "conv2"), 2), "conv3")
        x = self.block(x, "conv4")
        for i in range(self.modules):
            top = self.block(self.hourglass(x, f"m{i}", 4), f"top_m_{i}")
            top = self.norm(self.conv(top, f"conv_last{i}"), f"bn_end{i}")
            heat = self.conv(top, f"l{i}")
            if i < self.modules - 1:
                x = x + self.conv(top, f"bl{i}") + self.conv(heat, f"al{i}")
        return heat


class Lpips:
    def __init__(self, weights, epsilon):
        self.t = {k: channels_last(v) if v.dim() == 4 else v for k, v in weights.items()}
        self.epsilon = epsilon

    def activations(self, x):
        raise NotImplementedError

    def features(self, image):
        layers = self.activations((image - SIGNED_SHIFT) / SIGNED_SCALE)
        return [x / (x.square().sum(1, keepdim=True).sqrt() + self.epsilon) for x in layers]

    def distance(self, a, b):
        heads = [v for k, v in sorted(self.t.items()) if k.startswith("lin")]
        return sum(F.conv2d((x - y).square(), head).mean() for x, y, head in zip(a, b, heads))

    def conv(self, x, name, **options):
        return F.relu(F.conv2d(x, self.t[name + ".weight"], self.t[name + ".bias"], **options))


class StudentLpips(Lpips):
    def activations(self, x):
        layers, stage = [], 0
        while f"stages.{stage}.0.weight" in self.t:
            if stage > 0:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            i = 0
            while f"stages.{stage}.{i}.weight" in self.t:
                x = self.conv(x, f"stages.{stage}.{i}", **({"stride": 2} if stage == 0 else {"padding": 1}))
                i += 1
            layers.append(x)
            stage += 1
        return layers


class VggLpips(Lpips):
    STAGES = ((0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28))

    def activations(self, x):
        layers = []
        for i, stage in enumerate(self.STAGES):
            if i > 0:
                x = F.max_pool2d(x, 2)
            for place in stage:
                x = self.conv(x, f"features.{place}", padding=1)
            layers.append(x)
        return layers


def measure(call, iterations, warm_up=3):
    """Median time of a call and mean CPU time of all threads, in ms."""
    times, cpu = [], 0
    for i in range(-warm_up, iterations):
        start, start_cpu = time.perf_counter(), time.process_time()
        call()
        if i >= 0:
            times.append(1000 * (time.perf_counter() - start))
            cpu += 1000 * (time.process_time() - start_cpu)
    return sorted(times)[iterations // 2], cpu / iterations


def iteration_row(call, iterations, warm_up=3):
    ms, cpu = measure(call, iterations, warm_up)
    return {"ms": round(ms, 1), "cpuMs": round(cpu, 1)}


def part_row(part, function, x, iterations, warm_up=3):
    """Forward alone, and the gradient in x less the forward pass."""
    with torch.no_grad():
        forward, forward_cpu = measure(lambda: function(x), iterations, warm_up)
    leaf = x.detach().clone().requires_grad_()

    def both():
        y = function(leaf)
        torch.autograd.grad(y, leaf, torch.ones_like(y))

    total, total_cpu = measure(both, iterations, warm_up)
    numbers = {
        "forward": forward,
        "backward": total - forward,
        "both": total,
        "forwardCpu": forward_cpu,
        "backwardCpu": total_cpu - forward_cpu,
    }
    return {"part": part, **{name: round(value, 1) for name, value in numbers.items()}}
