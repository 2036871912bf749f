import { projectSequence } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  avatarPack,
  browserCache,
  cachedFetch,
  createDiscriminator,
  createGenerator,
  createLandmarkNet,
  createLpips,
  factorsToZ,
  fitEncoder,
  importCheckpoint,
  landmarkModel,
  loadDiscriminator,
  loadEncoder,
  loadFaceDescriptor,
  loadGenerator,
  loadLandmarkNet,
  loadLpips,
  readLatents,
} from '../src';
import { openCheckpoint } from '../src/checkpoints';

const bytes = new Uint8Array(8);
const networks = {
  generator: { mapping: () => {}, synthesis: () => {} },
  landmarkNet: { heatmaps: () => {} },
};
const cache = browserCache();
const calls: Record<string, (wrong: object) => Promise<unknown>> = {
  cachedFetch: (wrong) => cachedFetch('https://example.org/w', { cache, ...wrong }),
  openCheckpoint: (wrong) => openCheckpoint(bytes, wrong),
  readLatents: (wrong) => readLatents(bytes, wrong),
  avatarPack: (wrong) => avatarPack(wrong),
  landmarkModel: (wrong) => landmarkModel(wrong),
  loadGenerator: (wrong) => loadGenerator(bytes, wrong),
  loadDiscriminator: (wrong) => loadDiscriminator(bytes, wrong),
  loadLandmarkNet: (wrong) => loadLandmarkNet(bytes, wrong),
  loadEncoder: (wrong) => loadEncoder(bytes, wrong),
  loadFaceDescriptor: (wrong) => loadFaceDescriptor(wrong),
  loadLpips: (wrong) => loadLpips({ net: 'vgg', trunk: bytes, ...wrong }),
  createGenerator: async (wrong) => createGenerator(new Map(), wrong),
  createDiscriminator: async (wrong) => createDiscriminator(new Map(), wrong),
  createLandmarkNet: async (wrong) => createLandmarkNet(new Map(), wrong),
  createLpips: async (wrong) => createLpips(new Map(), new Map(), { net: 'vgg', ...wrong }),
  factorsToZ: async (wrong) => factorsToZ({ zDim: 1, columns: [], expressions: {} }, {}, wrong),
  importCheckpoint: (wrong) => importCheckpoint(bytes, wrong),
  fitEncoder: (wrong) => fitEncoder({ ...networks, ...wrong } as never),
};

it.each(Object.keys(calls))('%s refuses an unknown option', async (name) => {
  await expect(calls[name]!({ fanModule: 1 })).rejects.toMatchObject({
    code: 'invalid-option',
    message: `${name} takes no option "fanModule".`,
  });
});

it('suggests the right option and names what is missing', async () => {
  await expect(avatarPack({ fanModule: 1 } as object)).rejects.toMatchObject({
    hint: 'Did you mean fanModules?',
  });
  await expect(loadLpips({ net: 'vg', trunk: bytes } as never)).rejects.toMatchObject({
    hint: 'Did you mean vgg?',
  });
  await expect(loadLpips({ trunk: bytes } as never)).rejects.toThrow(/net must be one of/);
  await expect(fitEncoder({ generator: networks.generator } as never)).rejects.toThrow(/landmarkNet must be/);
});

it('the folder of a pack is an address or a path', async () => {
  for (const folder of [7, '', {}]) {
    await expect(avatarPack({ folder: folder as never })).rejects.toMatchObject({
      code: 'invalid-option',
      message: expect.stringMatching(/^folder must be the address or the path of a folder, got /),
    });
  }
});

it('the parts of a pack are known by name', async () => {
  await expect(avatarPack({ only: ['factor' as 'factors'] })).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(/^only\[0\] must be one of generator, /),
    hint: 'Did you mean factors?',
  });
  await expect(avatarPack({ only: 'factors' as never })).rejects.toMatchObject({ code: 'invalid-option' });
});

describe('after a pack was disposed of', () => {
  beforeAll(() => tf.setBackend('cpu'));

  it('every method of its networks says so', async () => {
    const pack = await avatarPack({ fanModules: 1 });
    pack[Symbol.dispose]();
    const refused = (run: () => unknown) =>
      expect(run).toThrow(
        expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(/disposed of/) }),
      );
    const before = tf.memory().numTensors;
    const { generator, landmarkNet, perceptual } = pack;
    const image = tf.zeros<tf.Rank.R4>([1, 256, 256, 3]) as never;
    refused(() => generator.mapping(tf.zeros([1, generator.zDim])));
    refused(() => generator.synthesis(tf.zeros([1, generator.numWs, generator.wDim])));
    refused(() => landmarkNet.heatmaps(image));
    refused(() => perceptual.features(image));
    const look = { width: 1, height: 1, data: new Uint8Array(3) };
    const driver = [{ index: 0, image: look }];
    const run = projectSequence({ ...pack, look, driver }).next();
    const error = (await run.catch((e: unknown) => e)) as FaceanimError;
    expect(FaceanimError.isInstance(error, 'invalid-option')).toBe(true);
    expect(error.hint).toMatch(/Keep it until/);
    // The three inputs created here.
    expect(tf.memory().numTensors - before).toBe(3);
  });
});

it('refuses more FAN modules than the pack has, by the name of the option', async () => {
  await tf.setBackend('cpu');
  const before = tf.memory().numTensors;
  await expect(avatarPack({ fanModules: 9 })).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(/^fanModules must be a whole number from 1 to \d/),
  });
  expect(tf.memory().numTensors).toBe(before);
});
