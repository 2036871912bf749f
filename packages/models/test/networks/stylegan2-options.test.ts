import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import { createStyleGan2, type StyleGan2 } from '../../src/generators/stylegan2/stylegan2';
import { smallStyleGan2 } from '../support/small-stylegan2';

eachBackend(() => {
  let generator: StyleGan2;
  let ws: tf.Tensor3D;
  beforeAll(() => {
    generator = createStyleGan2(smallStyleGan2());
    ws = tf.tidy(() => generator.mapping(tf.randomNormal([2, generator.zDim], 0, 1, 'float32', 1)));
  });
  afterAll(() => {
    ws.dispose();
    generator[Symbol.dispose]();
  });

  it('takes custom noise maps for some layers and the checkpoint’s for the others', async () => {
    const [layer] = Object.keys(generator.noiseMaps) as [string];
    const plain = generator.synthesis(ws);
    const same = generator.synthesis(ws, { noise: { [layer]: generator.noiseMaps[layer]! } });
    expect(await maxRelative(same, plain)).toBeLessThan(1e-6);
    tf.dispose([plain, same]);
  });

  it('draws random noise from a seed', async () => {
    const draw = (seed?: number) => generator.synthesis(ws, { noise: 'random', seed });
    const [none, zero, one] = [draw(), draw(0), draw(1)];
    expect(await maxRelative(none, zero)).toBe(0);
    expect(await maxRelative(one, zero)).toBeGreaterThan(1e-3);
    tf.dispose([none, zero, one]);
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
