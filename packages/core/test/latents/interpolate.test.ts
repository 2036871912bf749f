import { FaceanimError } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import type { Latent, ProjectedFrame } from '../../src/contracts/frames';
import { decodeFrame, encodeFrame } from '../../src/latents/frame-file';
import { interpolate } from '../../src/latents/interpolate';
import { decodeLatents, encodeLatents } from '../../src/latents/latents-file';

const latent = (...values: number[]): Latent => ({
  numWs: 1,
  wDim: values.length,
  data: Float32Array.from(values),
});
const collect = async (source: AsyncIterable<Latent>) => {
  const all: number[][] = [];
  for await (const { data } of source) all.push([...data]);
  return all;
};

it.each([
  [1, [0, 1, 4]],
  [2, [0, 0.5, 1, 2.5, 4]],
  [4, [0, 0.25, 0.5, 0.75, 1, 1.75, 2.5, 3.25, 4]],
])('factor %i gives (n - 1) · factor + 1 latents on straight lines', async (factor, expected) => {
  const result = await collect(interpolate([latent(0), latent(1), latent(4)], { factor }));
  expect(result.flat()).toEqual(expected);
});

it('adds one mid-point by default, and nothing to no latents or one latent', async () => {
  expect(await collect(interpolate([latent(0), latent(2)]))).toEqual([[0], [1], [2]]);
  expect(await collect(interpolate([latent(7)]))).toEqual([[7]]);
  expect(await collect(interpolate([]))).toEqual([]);
});

it('Catmull-Rom passes through every latent and reproduces a parabola exactly in the middle', async () => {
  const points = [0, 1, 2, 3, 4].map((t) => latent(t * t));
  const result = (await collect(interpolate(points, { factor: 4, method: 'catmull-rom' }))).flat();
  expect(result).toHaveLength(17);
  points.forEach(({ data }, i) => {
    expect(result[4 * i]).toBeCloseTo(data[0]!, 6);
  });
  for (let k = 4; k <= 12; k++) expect(result[k]).toBeCloseTo((k / 4) ** 2, 5);
});

it('a B-spline averages each latent with its neighbours, ends at the first and last, and keeps straight motion', async () => {
  const points = [0, 6, 0, 6, 0].map((value, t) => latent(value, t));
  const steady = await collect(interpolate(points, { factor: 1, method: 'b-spline' }));
  expect(steady.map(([value]) => value)).toEqual([0, 4, 2, 4, 0].map((value) => expect.closeTo(value, 5)));
  const between = await collect(interpolate(points, { factor: 4, method: 'b-spline' }));
  expect(between).toHaveLength(17);
  for (const [i, [value, t]] of between.entries()) {
    expect(t).toBeCloseTo(i / 4, 5);
    if (i % 4 === 0) expect(value).toBeCloseTo(steady[i / 4]![0]!, 5);
  }
  expect(between[2]![0]).toBeGreaterThan(between[1]![0]!);
});

it.each(['linear', 'catmull-rom', 'b-spline'] as const)('%s does not blend across a cut', async (method) => {
  const shots = [0, 1, 2].map((shot) =>
    [0, 1, 2].map((t) => ({ ...latent(10 * shot + t), shot })),
  ) as Latent[][];
  const alone = await Promise.all(shots.map((shot) => collect(interpolate(shot, { factor: 3, method }))));
  const held = (shot: number) => [[10 * shot + 2], [10 * shot + 2]];
  const whole = await collect(interpolate(shots.flat(), { factor: 3, method }));
  expect(whole).toEqual([...alone[0]!, ...held(0), ...alone[1]!, ...held(1), ...alone[2]!]);
  expect(whole).toHaveLength((9 - 1) * 3 + 1);
});

it('draws at given times, between latents at times of their own', async () => {
  const timed = [
    { ...latent(0), time: 1 },
    { latent: latent(10), time: 2 },
    { ...latent(40), time: 5 },
  ];
  const times = [0, 1, 1.5, 2, 3, 3.5, 5, 6];
  expect((await collect(interpolate(timed, { times }))).flat()).toEqual([0, 0, 5, 10, 20, 25, 40]);
  const smooth = await collect(interpolate(timed, { times, method: 'catmull-rom' }));
  expect(smooth.flat().filter((_, i) => [0, 1, 3, 6].includes(i))).toEqual([0, 0, 10, 40]);
  for (const wrong of [[latent(0)], [timed[1]!, timed[0]!]]) {
    await expect(collect(interpolate(wrong, { times }))).rejects.toMatchObject({ code: 'invalid-option' });
  }
  for (const times of [[0, 2, 1], [Number.NaN], [0, Number.NaN]]) {
    await expect(collect(interpolate(timed, { times }))).rejects.toThrow(/^times\[\d\] must be /);
  }
});

it.each([0, 1.5, -1, Number.NaN])('refuses the factor %d', async (factor) => {
  await expect(collect(interpolate([latent(0)], { factor }))).rejects.toMatchObject({
    code: 'invalid-option',
  });
});

it('refuses latents of different shapes', async () => {
  await expect(collect(interpolate([latent(0), latent(1, 2)]))).rejects.toThrow(/\[1, 1\], then \[1, 2\]/);
});

it('a frame survives a round trip through its file, and errors name the file', () => {
  const frame: ProjectedFrame = {
    index: 4,
    driverIndex: 9,
    latent: latent(1, 2, 3),
    coordinates: Float32Array.from([0.5]),
    losses: { lpips: 0.25, total: 1 },
    history: [{ step: 0, total: 2 }],
    steps: 7,
    stopReason: 'early-stopping',
    noise: { 'b4.conv1': Float32Array.from([1, -1]) },
    origin: {
      sdk: '1.2.3',
      settings: { seed: 1, 'steps.first': 60, space: 'w' },
      mean: [0.5],
      driver: 'abc',
    },
  };
  expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
  const drawn = { ...frame, latent: { ...frame.latent, noise: frame.noise!, shot: 2 } };
  expect(decodeFrame(encodeFrame(drawn))).toEqual(drawn);
  const broken = () => decodeFrame(encodeLatents([latent(1)]), { file: 'frames/000004.safetensors' });
  expect(broken).toThrow(/frames\/000004\.safetensors/);
  expect(broken).toThrow(FaceanimError);
});

it('yields latents as early as possible, and checks them before it mixes', async () => {
  for (const [method, after] of [
    ['linear', 1],
    ['catmull-rom', 2],
    ['b-spline', 2],
  ] as const) {
    let taken = 0;
    async function* source() {
      for (const value of [0, 2, 4]) {
        taken++;
        yield latent(value);
      }
    }
    const between = interpolate(source(), { method });
    await between.next();
    expect(taken).toBe(1);
    await between.next();
    expect(taken, method).toBe(after + 1);
    await between.return(undefined);
  }
  const seen: number[] = [];
  const mixed = async () => {
    for await (const { data } of interpolate([latent(0), latent(1), latent(1, 2)])) seen.push(data[0]!);
  };
  await expect(mixed()).rejects.toMatchObject({ code: 'invalid-option' });
  expect(seen).toEqual([0, 0.5, 1]);
});

it('keeps the noise maps of the earlier latent', async () => {
  const [left, right] = [{ a: Float32Array.of(1) }, { a: Float32Array.of(2) }];
  const noises = [];
  for await (const { noise } of interpolate([
    { ...latent(0), noise: left },
    { ...latent(1), noise: right },
    latent(2),
  ])) {
    noises.push(noise);
  }
  expect(noises).toEqual([left, left, right, right, undefined]);
});

it.each([
  ['an unknown option', { factr: 2 }, /factr/],
  ['a misspelt method', { method: 'liner' }, /method/],
])('refuses %s', async (_, options, message) => {
  await expect(collect(interpolate([latent(0)], options as object))).rejects.toThrow(message);
});

it('refuses anything but a sequence of latents', async () => {
  await expect(collect(interpolate('run.safetensors' as never))).rejects.toMatchObject({
    code: 'invalid-option',
  });
  await expect(collect(interpolate(latent(1) as never))).rejects.toMatchObject({ code: 'invalid-option' });
});

it('latents survive a round trip through their file', () => {
  const noise = { 'b4.conv1': Float32Array.of(1, -1) };
  const own = [1, 2].map((x) => ({ ...latent(x), noise: { ...noise } }));
  expect(decodeLatents(encodeLatents(own))).toEqual(own);
  expect(() => encodeLatents([own[0]!, latent(1)])).toThrow(/noise maps/);
  expect(() => encodeLatents([latent(1), latent(1, 2)])).toThrow(/\[1, 2\]/);
  const latents = [latent(1, 2), latent(3, 4), latent(5, 6)];
  expect(decodeLatents(encodeLatents(latents))).toEqual(latents);
  const cut = latents.map((each, i) => ({ ...each, shot: i >> 1 }));
  expect(decodeLatents(encodeLatents(cut))).toEqual(cut);
  expect(() =>
    decodeLatents(
      encodeFrame({ ...({} as ProjectedFrame), latent: latent(1), coordinates: new Float32Array(1) }),
    ),
  ).toThrow(/latents/);
});
