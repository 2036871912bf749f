"""One optimisation iteration in PyTorch on the CPU, for comparison with this SDK.

    python3 benchmarks/torch/iteration.py SIZES [--iterations N] [--warm-up N] [--threads N] [--no-parts]

SIZES is JSON as support/original-networks.ts takes it, e.g. '{"resolution": 256}', for networks of the original program's
sizes with made-up weights; or '{"avatar": FOLDER}' for the avatar pack in FOLDER. Weights, latents and the loss are those
of support/original-iteration.ts, so that both sides compute the same numbers: StyleGAN2 -> shrunk by area to 256 px ->
LPIPS, heat maps -> backward to W+ -> Adam; channels-last, float32, frozen weights. Prints JSON: milliseconds, of the
clock and of all threads, of the iteration and of its parts, and the first and the last loss.
"""
import argparse
import json
import math
import os
import struct

import numpy
import torch
import torch.nn.functional as F

from networks import Fan, Generator, SIGNED_SCALE, SIGNED_SHIFT, StudentLpips, VggLpips, iteration_row, part_row

VGG_WIDTHS = (1, 1, 2, 2, 4, 4, 4, 8, 8, 8, 8, 8, 8)


def hashed(name, shape, deviation, mean=0.0):
    """Values that follow from the name: see support/hash-weights.ts."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x01000193) & 0xFFFFFFFF
    x = numpy.arange(math.prod(shape), dtype=numpy.uint32) * numpy.uint32(0x9E3779B1) + numpy.uint32(seed)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = (x ^ (x >> numpy.uint32(shift))) * numpy.uint32(factor)
    x ^= x >> numpy.uint32(16)
    span = 2 * math.sqrt(3) * deviation
    values = x.astype(numpy.float64) * (span / 2**32) + (mean - span / 2)
    return torch.from_numpy(values.astype(numpy.float32).reshape(shape))


def filters(name, kernel, inputs, outputs, deviation):
    return hashed(name, (kernel, kernel, inputs, outputs), deviation).permute(3, 2, 0, 1).contiguous()


def generator_weights(resolution, base, most, w_dim):
    weights = {}

    def affine(name, key, outputs):
        weights[name + ".affine.weight"] = hashed(key + ".A", (w_dim, outputs), 1).T.contiguous()
        weights[name + ".affine.bias"] = torch.ones(outputs)

    def layer(name, key, size, inputs, outputs):
        weights[name + ".weight"] = filters(key + ".W", 3, inputs, outputs, 1 / math.sqrt(9 * inputs))
        weights[name + ".bias"] = hashed(key + ".b", (outputs,), 0.1)
        weights[name + ".noise_const"] = hashed(key + ".n", (size, size), 1)
        weights[name + ".noise_strength"] = torch.tensor(0.1)
        affine(name, key, inputs)

    size, inputs = 4, 0
    while size <= resolution:
        outputs, block = min(base // size, most), f"synthesis.b{size}"
        if size == 4:
            weights[block + ".const"] = hashed("g.const", (4, 4, outputs), 1).permute(2, 0, 1)
        else:
            layer(block + ".conv0", f"g{size}.c0", size, inputs, outputs)
        layer(block + ".conv1", f"g{size}.c1", size, outputs, outputs)
        weights[block + ".torgb.weight"] = filters(f"g{size}.rgb.W", 1, outputs, 3, 1)
        weights[block + ".torgb.bias"] = hashed(f"g{size}.rgb.b", (3,), 0.1)
        affine(block + ".torgb", f"g{size}.rgb", outputs)
        size, inputs = 2 * size, outputs
    return weights


def vgg_weights(channels):
    weights, inputs = {}, 3
    places = [place for stage in VggLpips.STAGES for place in stage]
    for i, (place, width) in enumerate(zip(places, VGG_WIDTHS)):
        outputs = width * channels
        weight = filters(f"vgg.{i}.W", 3, inputs, outputs, math.sqrt(2 / (9 * inputs)))
        bias = hashed(f"vgg.{i}.b", (outputs,), 0.05)
        if i == 0:  # takes back the normalisation of colours
            bias = bias + (weight * SIGNED_SHIFT).sum((1, 2, 3))
            weight = weight * SIGNED_SCALE
        weights[f"features.{place}.weight"], weights[f"features.{place}.bias"] = weight, bias
        inputs = outputs
    for i, width in enumerate((1, 2, 4, 8, 8)):
        weights[f"lin{i}.weight"] = torch.ones(1, width * channels, 1, 1)
    return weights


def fan_weights(channels, modules):
    weights = {}

    def norm(name, key, width):
        weights[name + ".weight"] = hashed(key + ".s", (width,), 0.1, 1)
        weights[name + ".bias"] = hashed(key + ".b", (width,), 0.1)
        weights[name + ".running_mean"] = torch.zeros(width)
        weights[name + ".running_var"] = torch.full((width,), 1 - 1e-5)

    def conv(name, key, kernel, inputs, outputs):
        weights[name + ".weight"] = filters(key + ".W", kernel, inputs, outputs, math.sqrt(1 / (kernel**2 * inputs)))
        weights[name + ".bias"] = hashed(key + ".b", (outputs,), 0.05)

    def block(name, key, inputs, outputs):
        widths = (inputs, outputs // 2, outputs // 4, outputs // 4)
        for i in (1, 2, 3):
            before, after = widths[i - 1], widths[i]
            norm(f"{name}.bn{i}", f"{key}.b{i}", before)
            weights[f"{name}.conv{i}.weight"] = filters(f"{key}.c{i}", 3, before, after, math.sqrt(1 / (9 * before)))
        if inputs != outputs:
            norm(name + ".downsample.0", key + ".bd", inputs)
            weights[name + ".downsample.2.weight"] = filters(key + ".cd", 1, inputs, outputs, math.sqrt(1 / inputs))

    conv("conv1", "fan.conv1", 7, 3, channels // 4)
    norm("bn1", "fan.bn1", channels // 4)
    block("conv2", "fan.c2", channels // 4, channels // 2)
    block("conv3", "fan.c3", channels // 2, channels // 2)
    block("conv4", "fan.c4", channels // 2, channels)
    for m in range(modules):
        key = f"fan.m{m}"
        for branch in (f"{b}_{level}" for level in (4, 3, 2, 1) for b in ("b1", "b2", "b3")):
            block(f"m{m}.{branch}", f"{key}.{branch}", channels, channels)
        block(f"m{m}.b2_plus_1", key + ".plus", channels, channels)
        block(f"top_m_{m}", key + ".top", channels, channels)
        conv(f"conv_last{m}", key + ".last", 1, channels, channels)
        norm(f"bn_end{m}", key + ".bne", channels)
        conv(f"l{m}", key + ".l", 1, channels, 68)
        if m < modules - 1:
            conv(f"bl{m}", key + ".bl", 1, channels, channels)
            conv(f"al{m}", key + ".al", 1, 68, channels)
    return weights


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


def avatar(folder):
    load = lambda name: read(os.path.join(folder, name + ".safetensors"))
    fan = load("fan")
    modules = sum(f"l{i}.weight" in fan for i in range(8))
    return Generator(load("generator")), Fan(fan, modules), StudentLpips(load("lpips-student"), 1e-4)


def original(sizes):
    size = sizes.get
    channels = size("channelBase", 32768), size("channelMax", 512)
    generator = Generator(generator_weights(sizes["resolution"], *channels, size("wDim", 512)))
    modules = size("fanModules", 4)
    fan = Fan(fan_weights(size("fanChannels", 256), modules), modules)
    return generator, fan, VggLpips(vgg_weights(size("vggChannels", 64)), 1e-10)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes", type=json.loads)
    parser.add_argument("--iterations", type=int, default=3)
    parser.add_argument("--warm-up", type=int, default=1)
    parser.add_argument("--no-parts", action="store_true")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    generator, fan, lpips = avatar(args.sizes["avatar"]) if "avatar" in args.sizes else original(args.sizes)
    w_dim = generator.t["synthesis.b4.conv1.affine.weight"].shape[1]
    latent = lambda name: hashed(name, (1, generator.num_ws, w_dim), 1)

    def seen(ws):
        image = generator(ws)
        if image.shape[-1] > 256:
            return F.avg_pool2d(image, image.shape[-1] // 256)
        if image.shape[-1] < 256:
            return F.interpolate(image, size=256, mode="bilinear")
        return image

    with torch.no_grad():
        target = seen(latent("wtgt"))
        look, heat = lpips.features(target), fan((target + 1) / 2)
    ws = latent("winit").requires_grad_()
    adam = torch.optim.Adam([ws], lr=0.01)
    losses = []

    def iteration():
        adam.zero_grad(set_to_none=True)
        image = seen(ws)
        distance = lpips.distance(lpips.features(image), look)
        loss = distance + 0.1 * ((fan((image + 1) / 2) - heat).square().sum() + 1e-12).sqrt()
        loss.backward()
        adam.step()
        losses.append(float(loss.detach()))

    count = (args.iterations, args.warm_up)
    row = {"how": "eager", **iteration_row(iteration, *count)}
    row.update({"firstLoss": losses[0], "lastLoss": losses[-1]})
    name = f"PyTorch {torch.__version__} (CPU, {args.threads} threads)"
    result = {"backend": name, "iteration": [row], "parts": []}
    image = seen(ws).detach()
    for part, function, x in () if args.no_parts else (
        ("generator", generator, ws),
        ("FAN", fan, (image + 1) / 2),
        ("LPIPS", lambda x: lpips.distance(lpips.features(x), look), image),
    ):
        result["parts"].append(part_row(part, function, x, *count))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
