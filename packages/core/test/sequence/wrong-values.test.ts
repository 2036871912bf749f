import '@tensorflow/tfjs-backend-cpu';
import { FaceanimError, read } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { rgbFromRgba } from '../../src/images/rgba';
import { prepareLook } from '../../src/landmarks/prepare-look';
import { trackFaces } from '../../src/landmarks/track';
import { decodeFrame } from '../../src/latents/frame-file';
import { interpolate } from '../../src/latents/interpolate';
import { decodeLatents, encodeLatents } from '../../src/latents/latents-file';
import { mapLatents } from '../../src/latents/map-latents';
import { render } from '../../src/latents/render';
import { lpips, prior } from '../../src/losses';
import { adam } from '../../src/optimizers/adam';
import { fast } from '../../src/presets/fast';
import { referenceMode } from '../../src/presets/reference-mode';
import { thorough } from '../../src/presets/thorough';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { tinyGenerator, tinyLandmarkNet } from '../../src/testing';
import { collect, driver, picture, withNetworks } from './support';

beforeAll(() => tf.setBackend('cpu'));

async function refusal(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (FaceanimError.isInstance(error, 'invalid-option')) return error.message;
    throw error;
  }
  return 'nothing';
}

const one = { numWs: 1, wDim: 1, data: Float32Array.of(0) };
const short = { numWs: 4, wDim: 6, data: new Float32Array(3) };

it.each<[string, unknown]>([
  ['nothing', null],
  ['a number', 1],
  ['an empty object', {}],
  ['a picture', picture(1)],
  ['a latent that is cut off', short],
  ['a frame whose latent is cut off', { latent: short }],
])('%s is no latent', async (_, wrong) => {
  using generator = tinyGenerator();
  const before = tf.memory().numTensors;
  const said = /^Latent 0 must be a latent/;
  expect(await refusal(() => interpolate([wrong] as never).next())).toMatch(said);
  expect(await refusal(() => render([wrong] as never, generator).next())).toMatch(said);
  expect(await refusal(() => encodeLatents([wrong] as never))).toMatch(said);
  expect(tf.memory().numTensors).toBe(before);
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])(
  'a latent with %s is refused by its number',
  async (number) => {
    using generator = tinyGenerator();
    const bad = { ...one, data: Float32Array.of(number) };
    const said = 'Latent 0 has numbers that are not finite.';
    expect(await refusal(() => interpolate([bad]).next())).toBe(said);
    expect(await refusal(() => render([bad], generator).next())).toBe(said);
    expect(await refusal(() => encodeLatents([one, bad]))).toBe(said.replace('0', '1'));
  },
);

it('says how to make latents of a tensor, as mapLatents returns it', async () => {
  await withNetworks(async (base) => {
    const { generator } = base;
    const { numWs, wDim, zDim } = generator;
    const tensor = mapLatents(generator, new Float32Array(zDim)) as never;
    const calls: Record<string, () => unknown> = {
      'The latents of render': () => render(tensor, generator).next(),
      'The latents of interpolate': () => interpolate(tensor).next(),
      'The latents of encodeLatents': () => encodeLatents(tensor),
      'Latent 0 of render': () => render([tensor], generator).next(),
      'Latent 0 of interpolate': () => interpolate([tensor]).next(),
      'Latent 0 of encodeLatents': () => encodeLatents([tensor]),
      initial: () => collect({ ...base, initial: tensor }),
    };
    for (const [name, call] of Object.entries(calls)) {
      const error = await Promise.resolve()
        .then(call)
        .catch((thrown) => thrown);
      expect(error, name).toMatchObject({
        code: 'invalid-option',
        message: expect.stringMatching(`, got a tensor \\[1, ${numWs}, ${wDim}\\]\\.$`),
        hint: expect.stringContaining('as {numWs, wDim, data}, with data from await tensor.data()'),
      });
    }
    // What the hint says.
    const latent = { numWs, wDim, data: await read(tensor) };
    const { value } = await render([latent], generator).next();
    expect(value).toMatchObject({ width: generator.resolution });
  });
});

it('says how to pass a single latent or bare numbers where a list of latents is expected', async () => {
  using generator = tinyGenerator();
  const { numWs, wDim } = generator;
  const data = new Float32Array(numWs * wDim);
  const latent = { numWs, wDim, data };
  const numbers = `a Float32Array of ${data.length}`;
  const list = 'Did you mean a list with this latent, [latent]?';
  const whole = 'Did you mean {numWs, wDim, data}, with these numbers as data?';
  for (const call of [
    (latents: never) => render(latents, generator).next(),
    (latents: never) => interpolate(latents).next(),
    async (latents: never) => encodeLatents(latents),
  ]) {
    const error = (given: unknown) => call(given as never).catch((thrown: unknown) => thrown);
    expect(await error(latent)).toMatchObject({ code: 'invalid-option', hint: list });
    expect(await error({ latent })).toMatchObject({ code: 'invalid-option', hint: list });
    for (const given of [data, [data]])
      expect(await error(given)).toMatchObject({ message: expect.stringContaining(numbers), hint: whole });
    expect(await error([latent])).not.toBeInstanceOf(Error);
  }
});

it('mapLatents says which z it takes', async () => {
  using generator = tinyGenerator();
  const { zDim } = generator;
  const before = tf.memory().numTensors;
  const wrong = [undefined, {}, new Array(zDim).fill(0), new Float32Array(0), new Float32Array(zDim + 1)];
  for (const z of wrong) {
    const message = await refusal(() => mapLatents(generator, z as never));
    expect(message).toMatch(`z must be a Float32Array with ${zDim} numbers for each face, got `);
  }
  const z = tf.zeros([1, zDim]);
  expect(() => mapLatents(generator, z as never)).toThrow(
    expect.objectContaining({ code: 'invalid-option', hint: 'Did you mean await z.data()?' }),
  );
  z.dispose();
  const message = await refusal(() => mapLatents({ generator } as never, new Float32Array(zDim)));
  expect(message).toMatch('The generator of mapLatents must be a generator');
  expect(tf.memory().numTensors).toBe(before);
});

it.each<[string, object, RegExp]>([
  ['a driver frame that is null', { driver: [null] }, /^A frame of the driver must be/],
  ['plain pictures as driver frames', { driver: [picture(1)] }, /^A frame of the driver must be/],
  ['refinement of single frames', { refine: { window: 1 } }, /^refine\.window must be a whole number/],
  ['resume frames that are not frames', { resume: [{}] }, /^resume must be a list of projected frames/],
  [
    'a face beside a fixed crop',
    { tracking: { align: 'none', face: 1 } },
    /^tracking\.face does not apply to a fixed crop/,
  ],
  ['a hole in the resume frames', { resume: [null] }, /^resume must be/],
  ['a name as resume frames', { resume: 'frames' }, /^resume must be .* or a store/],
  ...(
    [
      ['settings', { sdk: '1', settings: null, mean: [0] }],
      ['numbers', { sdk: '1', settings: {}, mean: [null] }],
      ['anything', null],
    ] as const
  ).map(([what, origin]): [string, object, RegExp] => [
    `a frame whose origin has not ${what}`,
    { resume: [{ latent: one, coordinates: one.data, history: [], origin }] },
    /^resume must be a list/,
  ]),
  ['a store of something else', { resume: { length: 1, at: () => 'x' } }, /^Frame 0 to resume from must be/],
  [
    'a store for refinement that gets no frames',
    { refine: { frames: { at: () => undefined } } },
    /^refine\.frames holds nothing without refine\.onFrame/,
  ],
  [
    'statistics of another generator',
    { statistics: { wDim: 3, mean: new Float32Array(3), std: 1, covariance: new Float64Array(9) } },
    /^statistics must be those of this generator, of 6 dimensions/,
  ],
  [
    'invalid statistics',
    { statistics: { wDim: 6, mean: 'ŵ', std: 1, covariance: 5 } },
    /^statistics\.mean must be a Float32Array/,
  ],
])('refuses %s', async (_, wrong, message) => {
  await withNetworks(async (base) => {
    const options = { ...base, driver: driver(1), ...wrong } as ProjectSequenceOptions;
    expect(await refusal(() => collect(options))).toMatch(message);
  });
});

it.each<[string, object, RegExp, RegExp?]>([
  ['fast without a call', { ...fast }, /takes no option "fast"/, /\.\.\.fast\(\)/],
  ['thorough without a call', { ...thorough }, /takes no option "thorough"/, /\.\.\.thorough\(\)/],
  ['referenceMode without a call', { ...referenceMode }, /"referenceMode"/, /\.\.\.referenceMode\(models\)/],
  [
    'a look that is not awaited',
    { look: Promise.resolve(picture(1)) },
    /^look must .*got a Promise: await it/,
  ],
  ['an optimizer without a call', { optimizer: adam }, /^optimizer must .*got a function: call it/],
  ['a term without a call', { losses: [prior(), lpips] }, /^losses\[1\] must .*got a function: call it/],
  ['a controller as signal', { signal: new AbortController() }, /got an AbortController: pass its signal/],
  ['no networks', { generator: undefined }, /^generator must/, /\.\.\.\(await avatarPack\(\)\)/],
])('says what to do about %s', async (_, wrong, message, hint = /^$/) => {
  await withNetworks(async (base) => {
    const error = await collect({ ...base, driver: driver(1), ...wrong }).catch((thrown) => thrown);
    expect(FaceanimError.isInstance(error, 'invalid-option')).toBe(true);
    expect(error.message).toMatch(message);
    expect(error.hint ?? '').toMatch(hint);
  });
});

it('other functions also say what is missing', async () => {
  using net = tinyLandmarkNet();
  expect(await refusal(() => trackFaces([null] as never, { landmarkNet: net }).next())).toMatch(
    /^A frame of the driver must be a frame/,
  );
  expect(await refusal(() => prepareLook(picture(1), { landmarkNet: net } as never))).toMatch(
    /^generator must/,
  );
  expect(await refusal(() => rgbFromRgba(undefined as never))).toMatch(/^image must be an RgbaImage/);
});

it('refuses anything but bytes as a file', async () => {
  for (const wrong of ['frame.safetensors', undefined, new ArrayBuffer(8)]) {
    for (const decode of [decodeFrame, decodeLatents])
      expect(await refusal(() => decode(wrong as never))).toMatch(/^bytes must be a Uint8Array/);
  }
});

it.each([
  ['preset', /thorough\(\)/],
  ['reference', /referenceMode\(models\)/],
  ['weights', /identityLosses\(\{ \.\.\.models, groups \}\)/],
  ['discriminator', /realism\(\{ net: discriminator \}\)/],
])('%s, which is a flag of the command line, is answered by what the SDK has instead', async (name, hint) => {
  await withNetworks(async (base) => {
    await expect(collect({ ...base, driver: driver(1), [name]: 'thorough' })).rejects.toMatchObject({
      code: 'invalid-option',
      message: `projectSequence takes no option "${name}".`,
      hint: expect.stringMatching(hint),
    });
  });
});
