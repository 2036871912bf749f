import { asImageTensor, type HostTensor, type Weights } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import { Fixture } from '../../../tensor/test/support/fixtures';
import { fitEncoder } from '../../src/encoders/fit-encoder';
import { createLandmarkNet } from '../../src/landmarks/load-landmark-net';
import { bundledFile } from '../support/bundled';

const points = 5;
const groups = { eyes: [0, 1], nose: [2, 2], mouth: [3, 4] } as const;
const bundled = new Fixture(bundledFile('fan.safetensors')).tensors;

/** The bundled FAN with only its first landmarks. */
function firstLandmarks(): Weights {
  const weights = new Map<string, HostTensor>(bundled);
  for (const [name, { shape, data }] of bundled) {
    if (/^l\d\.(weight|bias)$/.test(name)) {
      weights.set(name, {
        shape: [points, ...shape.slice(1)],
        data: data.slice(0, (points * data.length) / 68),
      });
    }
    if (/^al\d\.weight$/.test(name)) {
      const kept = data.filter((_, i) => i % 68 < points);
      weights.set(name, { shape: [shape[0]!, points, 1, 1], data: kept });
    }
  }
  return weights;
}

beforeAll(async () => {
  await tf.setBackend('wasm');
});

it('takes the number of landmarks from its weights', async () => {
  const before = tf.memory().numTensors;
  {
    using net = createLandmarkNet(firstLandmarks(), { modules: 1, groups });
    using whole = createLandmarkNet(bundled, { modules: 1 });
    expect(net).toMatchObject({ points, groups, inputSize: 256, heatmapSize: 64 });
    expect(whole.points).toBe(68);
    const image = asImageTensor(tf.randomUniform([1, 256, 256, 3], 0, 1, 'float32', 1), 'unit');
    const [heatmaps, expected] = tf.tidy(() => [
      net.heatmaps(image),
      tf.slice(whole.heatmaps(image), [0, 0, 0, 0], [-1, -1, -1, points]),
    ]);
    expect(heatmaps!.shape).toEqual([1, net.heatmapSize, net.heatmapSize, points]);
    expect(await maxRelative(heatmaps!, expected!)).toBeLessThan(1e-5);
    tf.dispose([image, heatmaps!, expected!]);
  }
  expect(tf.memory().numTensors).toBe(before);
});

it('fitEncoder refuses it: an encoder takes the 68 iBUG landmarks', async () => {
  using net = createLandmarkNet(firstLandmarks(), { groups });
  const generator = { mapping: () => {}, synthesis: () => {} } as never;
  await expect(fitEncoder({ generator, landmarkNet: net })).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringContaining('68'),
  });
});

it.each([{ eyes: 3 }, { eyes: [1] }, 'eyes'])('refuses the groups %j', (groups) => {
  expect(() => createLandmarkNet(bundled, { groups: groups as never })).toThrow(
    expect.objectContaining({ code: 'invalid-option', message: expect.stringContaining('groups') }),
  );
});
