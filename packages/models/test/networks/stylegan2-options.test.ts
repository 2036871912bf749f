import { TensorBag } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
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

  it('stops at a smaller image, which depends on the first latents alone', async () => {
    expect(generator.stops).toEqual([
      { resolution: 4, numWs: 2 },
      { resolution: 8, numWs: 4 },
    ]);
    const images = tf.tidy(() => generator.activations(ws).map(({ image }) => image!));
    for (const [i, { resolution, numWs }] of generator.stops.entries()) {
      const image = generator.synthesis(ws, { resolution });
      expect(await maxRelative(image, images[i]!)).toBe(0);
      const gradient = tf.grad((ws) => generator.synthesis(ws as tf.Tensor3D, { resolution }))(ws);
      const sizes = tf.tidy(() => [...tf.sum(tf.abs(gradient), [0, 2]).dataSync()]);
      expect(sizes.map((size) => size > 0)).toEqual(sizes.map((_, layer) => layer < numWs));
      tf.dispose([image, gradient]);
    }
    tf.dispose(images);
  });

  it('stops nowhere without images in between', () => {
    const weights = new Map([...smallStyleGan2()].filter(([name]) => !/\.b[48]\.torgb/.test(name)));
    using plain = createStyleGan2(weights);
    expect(plain.stops).toEqual([]);
    expect(() => plain.synthesis(ws, { resolution: 8 })).toThrow(/resolution must be 16, got 8/);
  });

  it('leaves no tensors behind if there is no room for all of them', () => {
    const before = tf.memory().numTensors;
    const { constant } = TensorBag.prototype;
    let room = 8;
    const spy = vi.spyOn(TensorBag.prototype, 'constant').mockImplementation(function (
      this: TensorBag,
      ...tensor
    ) {
      if (room-- === 0) throw new Error('no room');
      return constant.apply(this, tensor) as never;
    });
    expect(() => createStyleGan2(smallStyleGan2())).toThrow('no room');
    spy.mockRestore();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses inputs that do not fit, before computing', () => {
    const count = tf.memory().numTensors;
    const wrong = [tf.zeros<tf.Rank.R2>([1, 3]), tf.zeros<tf.Rank.R3>([1, 1, generator.wDim])] as const;
    expect(() => generator.mapping(wrong[0])).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(() => generator.synthesis(wrong[1])).toThrow(expect.objectContaining({ code: 'invalid-option' }));
    expect(() => generator.synthesis(ws, { noise: { nowhere: wrong[0] } })).toThrow(/nowhere/);
    expect(() => generator.synthesis(ws, { resolution: 12 })).toThrow(
      /resolution must be 4 or 8 or 16, got 12/,
    );
    const [layer] = Object.keys(generator.noiseMaps) as [string];
    expect(() => generator.synthesis(ws, { noise: { [layer]: wrong[0] } })).toThrow(layer);
    tf.dispose([...wrong]);
    expect(tf.memory().numTensors).toBe(count);
  });
});
