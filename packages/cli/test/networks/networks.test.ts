import { fileURLToPath } from 'node:url';
import * as models from '@faceanim/models';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, beforeEach, expect, it, vi } from 'vitest';
import '../../../../tools/quiet-tfjs';
import { openNetworks } from '../../src/networks/networks';

vi.mock('@faceanim/models', { spy: true });

beforeAll(() => tf.setBackend('cpu'));
beforeEach(() => vi.clearAllMocks());

const file = (name: string) =>
  fileURLToPath(new URL(`../../../models/assets/avatar/${name}.safetensors`, import.meta.url));
/** What was loaded from the bundled pack. */
const bundled = () => vi.mocked(models.avatarPack).mock.calls.flatMap(([options]) => options?.only);

it('only the networks that are wanted are opened', async () => {
  const before = tf.memory().numTensors;
  const networks = await openNetworks({}, { only: ['generator'] });
  expect(Object.keys(networks).sort()).toEqual(['generator']);
  expect(bundled()).toEqual(['generator']);
  networks[Symbol.dispose]();
  expect(tf.memory().numTensors).toBe(before);
});

it('bundled networks are loaded only where no file is given', async () => {
  const before = tf.memory().numTensors;
  {
    using networks = await openNetworks({ fan: file('fan'), fanModules: 1 }, {});
    expect(bundled()).toEqual(['generator', 'perceptual', 'encoder']);
    expect(networks).toMatchObject({ landmarkNet: { points: 68 }, encoder: { wDim: 256 } });
    expect(networks.landmarkModel, 'another FAN reads faces in another way').toEqual(
      await models.landmarkModel(),
    );
  }
  {
    using networks = await openNetworks({ generator: file('generator') }, { only: ['generator', 'encoder'] });
    expect(networks.encoder, 'the bundled encoder belongs to the bundled generator').toBeUndefined();
  }
  expect(tf.memory().numTensors).toBe(before);
});
