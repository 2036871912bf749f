import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachBackend } from '../../../core/test/support/backends';
import { maxRelative } from '../../../core/test/support/compare';
import { listFixtures } from '../../../core/test/support/shared';
import { loadStyleGan2 } from '../../src/generators/load-generator';
import type { StyleGan2Generator } from '../../src/generators/stylegan2';

const bundled = fileURLToPath(new URL('../../assets/avatar/generator.safetensors', import.meta.url));
const small = listFixtures('stylegan2', /res32\.pkl$/)[0];

eachBackend(() => {
  let generator: StyleGan2Generator;
  let ws: tf.Tensor3D;
  beforeAll(async () => {
    generator = await loadStyleGan2(small ?? bundled);
    ws = tf.tidy(() =>
      generator.mapping(tf.randomNormal([2, generator.zDim], 0, 1, 'float32', 1), {
        c: generator.cDim > 0 ? tf.zeros([2, generator.cDim]) : undefined,
      }),
    );
  });
  afterAll(() => {
    ws.dispose();
    generator[Symbol.dispose]();
  });

  it('takes noise maps of one’s own for some layers and the checkpoint’s for the others', async () => {
    const [layer] = Object.keys(generator.noiseMaps) as [string];
    const plain = generator.synthesis(ws);
    const same = generator.synthesis(ws, { noise: { [layer]: generator.noiseMaps[layer]! } });
    expect(await maxRelative(same, plain)).toBeLessThan(1e-6);
    tf.dispose([plain, same]);
  });

  it('draws fresh random noise each time, where the network uses noise', async () => {
    const a = generator.synthesis(ws, { noise: 'random' });
    const b = generator.synthesis(ws, { noise: 'random' });
    const difference = await maxRelative(a, b);
    if (small) expect(difference).toBeGreaterThan(1e-3);
    else expect(Number.isFinite(difference)).toBe(true);
    tf.dispose([a, b]);
  });

  it('refuses inputs that do not fit, before computing', () => {
    const count = tf.memory().numTensors;
    const wrong = [tf.zeros<tf.Rank.R2>([1, 3]), tf.zeros<tf.Rank.R3>([1, 1, generator.wDim])] as const;
    expect(() => generator.mapping(wrong[0])).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(() => generator.synthesis(wrong[1])).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(() => generator.synthesis(ws, { noise: { nowhere: wrong[0] } })).toThrow(/nowhere/);
    const [layer] = Object.keys(generator.noiseMaps) as [string];
    expect(() => generator.synthesis(ws, { noise: { [layer]: wrong[0] } })).toThrow(layer);
    tf.dispose([...wrong]);
    expect(tf.memory().numTensors).toBe(count);
  });
});
