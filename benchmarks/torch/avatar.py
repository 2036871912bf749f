"""One optimisation iteration on the avatar pack in PyTorch on the CPU, for comparison with this SDK.

    python3 benchmarks/torch/avatar.py FOLDER [--iterations N] [--threads N]

FOLDER holds generator.safetensors, fan.safetensors, lpips-student.safetensors, expected.safetensors. Frozen weights,
channels-last, float32. Prints JSON: milliseconds of the iteration and of its parts, and how far the networks are from
expected.safetensors. The iteration: latent -> StyleGAN2 -> LPIPS, pixel, heat-map and coordinate terms, backward to
the latent, Adam.
"""
import argparse
import json
import math
import os
import struct
import time

import torch
import torch.nn.functional as F

FIR = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
SIGNED_SHIFT = torch.tensor([-0.030, -0.088, -0.188]).view(1, 3, 1, 1)
SIGNED_SCALE = torch.tensor([0.458, 0.448, 0.450]).view(1, 3, 1, 1)


def read(path):
    """Tensors (float32) and metadata of a safetensors file."""
    types = {"F16": torch.float16, "F32": torch.float32}
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        body = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in types:
            continue
        start, end = entry["data_offsets"]
        if start == end:
            continue
        flat = torch.frombuffer(body[start:end], dtype=types[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"]).float()
    return tensors


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
                scaled = weight / math.sqrt(weight[0].numel()) if "torgb" not in name else weight
                self.conv[name] = channels_last(scaled)
                self.conv[name + ".energy"] = scaled.square().sum((2, 3))

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
    def __init__(self, weights):
        self.t = {k: channels_last(v) if v.dim() == 4 else v for k, v in weights.items()}

    def features(self, image):
        x = (image - SIGNED_SHIFT) / SIGNED_SCALE
        layers, stage = [], 0
        while f"stages.{stage}.0.weight" in self.t:
            if stage > 0:
                x = F.max_pool2d(x, 3, 2, ceil_mode=True)
            i = 0
            while f"stages.{stage}.{i}.weight" in self.t:
                name = f"stages.{stage}.{i}"
                how = {"stride": 2} if stage == 0 else {"padding": 1}
                x = F.relu(F.conv2d(x, self.t[name + ".weight"], self.t[name + ".bias"], **how))
                i += 1
            layers.append(x / (x.square().sum(1, keepdim=True).sqrt() + 1e-4))
            stage += 1
        return layers

    def distance(self, a, b):
        heads = [self.t[f"lin{i}.model.1.weight"] for i in range(len(a))]
        return sum(F.conv2d((x - y).square(), head).mean() for x, y, head in zip(a, b, heads))


def coordinates(heat):
    n = heat.shape[-1]
    p = torch.softmax(15 * heat.flatten(2), -1).view_as(heat)
    grid = torch.arange(n, dtype=heat.dtype)
    return torch.stack([(p.sum(2) * grid).sum(-1), (p.sum(3) * grid).sum(-1)], -1)


def heat_term(a, b):
    total = 0
    for _ in range(3):
        total = total + (a - b).square().sum() / b.square().sum()
        a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return total


def median_ms(call, iterations, warm_up=3):
    times = []
    for _ in range(warm_up + iterations):
        start = time.perf_counter()
        call()
        times.append(1000 * (time.perf_counter() - start))
    return sorted(times[warm_up:])[iterations // 2]


def part_ms(function, x, iterations):
    """Forward alone, and forward with the gradient in x."""
    with torch.no_grad():
        forward = median_ms(lambda: function(x), iterations)
    leaf = x.detach().clone().requires_grad_()

    def both():
        y = function(leaf)
        torch.autograd.grad(y, leaf, torch.ones_like(y))

    total = median_ms(both, iterations)
    return {"forward": round(forward, 1), "backward": round(total - forward, 1), "both": round(total, 1)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--iterations", type=int, default=10)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(0)
    load = lambda name: read(os.path.join(args.folder, name + ".safetensors"))
    generator, lpips = Generator(load("generator")), Lpips(load("lpips-student"))
    fan_weights, expected = load("fan"), load("expected")
    w_avg = generator.t["mapping.w_avg"]
    ws = (w_avg + 0.5 * torch.randn(1, 1, w_avg.numel())).repeat(1, generator.num_ws, 1)
    with torch.no_grad():
        image, other = generator(ws), generator(ws.flip(-1))
        look = lpips.features(other)
        known = [generator(w[None, None].repeat(1, generator.num_ws, 1), noise=False) for w in expected["w"][:2]]
        relative = lambda got, right: float((got - right).abs().max() / right.abs().max())
        error = {
            "generator": relative(torch.cat(known), expected["image"]),
            "lpips": relative(lpips.distance(*map(lpips.features, known)), expected["lpips_01"]),
        }
    result = {"iteration": [], "parts": [], "error": error, "torch": torch.__version__, "threads": args.threads}
    result["parts"].append({"part": "generator", **part_ms(generator, ws, args.iterations)})
    for label, modules in (("first module", 1), ("all modules", sum(f"l{i}.weight" in fan_weights for i in range(8)))):
        fan = Fan(fan_weights, modules)
        with torch.no_grad():
            error["fan"] = relative(fan((known[0] + 1) / 2), expected["heat_last"])
            target = fan((other + 1) / 2)
            goal = coordinates(target)
        u = ws.clone().requires_grad_()
        adam = torch.optim.Adam([u], lr=0.03)

        def iteration():
            adam.zero_grad(set_to_none=True)
            made = generator(u)
            heat = fan((made.clamp(-1, 1) + 1) / 2)
            loss = lpips.distance(lpips.features(made), look) + (made - other).square().mean()
            loss = loss + F.huber_loss(coordinates(heat), goal) + heat_term(heat, target) + 0.1 * u.square().mean()
            loss.backward()
            adam.step()

        result["iteration"].append({"fan": label, "ms": round(median_ms(iteration, args.iterations), 1)})
        result["parts"].append({"part": f"FAN, {label}", **part_ms(fan, (image + 1) / 2, args.iterations)})
    student = lambda x: lpips.distance(lpips.features(x), look)
    result["parts"].append({"part": "LPIPS student", **part_ms(student, image, args.iterations)})
    print(json.dumps(result))


main()
