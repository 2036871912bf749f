import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { FaceDescriptor } from '@faceanim/core';
import { asImageTensor, randomState, valueAndGradients } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackendWithLongCpu } from '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import { type FaceDescriptorFiles, loadFaceDescriptor } from '../../src';
import { peerFolder } from '../../src/descriptors/peer-folder';

/** What is used of face-api; its types would bring those of all of tfjs with them. */
interface FaceApi {
  nets: {
    faceRecognitionNet: {
      loadFromDisk(folder: string): Promise<void>;
      computeFaceDescriptor(image: tf.Tensor3D): Promise<Float32Array>;
      dispose(): void;
    };
  };
}

const require = createRequire(import.meta.url);
const code = (() => {
  try {
    // This build computes on the tfjs of the tests; the main one would load tfjs-node.
    return require.resolve('@vladmandic/face-api/dist/face-api.node-wasm.js');
  } catch {
    return '';
  }
})();
const model = join(dirname(code), '../model');
const read = (file: string) => new Uint8Array(code ? readFileSync(join(model, file)) : []);
const files = {
  manifest: read('face_recognition_model-weights_manifest.json'),
  weights: read('face_recognition_model.bin'),
};
const title = code ? 'the face descriptor' : 'the face descriptor: @vladmandic/face-api is not installed';

describe.skipIf(!code)(title, () => {
  eachBackendWithLongCpu(() => {
    let net: FaceDescriptor;
    beforeAll(async () => {
      net = await loadFaceDescriptor();
    });
    afterAll(() => net[Symbol.dispose]());

    it('describes a picture as face-api does', async () => {
      const { faceRecognitionNet } = (require(code) as FaceApi).nets;
      await faceRecognitionNet.loadFromDisk(model);
      const bytes = tf.tensor3d(
        smoothPicture().map((value) => 127.5 * (value + 1)),
        [150, 150, 3],
      );
      const expected = await faceRecognitionNet.computeFaceDescriptor(bytes);
      const found = tf.tidy(() =>
        net.embed(asImageTensor(tf.sub(tf.div(tf.expandDims(bytes), 127.5), 1), 'signed')),
      );
      expect(found.shape).toEqual([1, 128]);
      const values = await found.data();
      expect(Math.hypot(...values)).toBeGreaterThan(0.5);
      expect(Math.max(...values.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThan(1e-3);
      tf.dispose([bytes, found]);
      faceRecognitionNet.dispose();
    });

    it('its gradient agrees with differences', async () => {
      const direction = tf.tensor1d(Float32Array.from(randomState(5).randn(128)));
      const value = (x: tf.Tensor) =>
        tf.sum(tf.mul(net.embed(asImageTensor(x as tf.Tensor4D, 'signed')), direction)) as tf.Scalar;
      const x = tf.tensor4d(smoothPicture(), [1, 150, 150, 3]);
      const step = 0.003;
      // Along the gradient, where the value changes most: elsewhere the kinks of the ReLUs outweigh the slope.
      const [length, slope] = tf.tidy(() => {
        const gradient = valueAndGradients(value, [x]).gradients[0]!;
        const length = tf.norm(gradient);
        const offset = tf.mul(gradient, tf.div(step, length));
        const difference = tf.sub(value(tf.add(x, offset)), value(tf.sub(x, offset)));
        return [length, tf.div(difference, 2 * step)];
      }) as [tf.Tensor, tf.Tensor];
      expect((await length.data())[0]).toBeGreaterThan(0.1);
      expect(await maxRelative(slope, length)).toBeLessThan(0.01);
      tf.dispose([direction, x, length, slope]);
    });

    it('refuses other sizes', () => {
      const image = asImageTensor(tf.zeros([1, 112, 112, 3]), 'signed');
      expect(() => net.embed(image)).toThrow(/\[N, 150, 150, 3\]/);
      image.dispose();
    });

    it('is the same from files in memory', async () => {
      using other = await loadFaceDescriptor({ files });
      const [expected, found] = tf.tidy(() => {
        const image = asImageTensor(tf.tensor4d(smoothPicture(), [1, 150, 150, 3]), 'signed');
        return [net.embed(image), other.embed(image)];
      }) as [tf.Tensor2D, tf.Tensor2D];
      expect(await found.data()).toEqual(await expected.data());
      tf.dispose([expected, found]);
    });
  });

  it.each<[string, Partial<FaceDescriptorFiles>, RegExp]>([
    [
      'files cut short',
      { weights: files.weights.subarray(0, 5000) },
      /has 5000 bytes; its manifest lists 6444032/,
    ],
    ['bytes too many', { weights: new Uint8Array(files.weights.length + 1) }, /its manifest lists 6444032/],
    ['a manifest that is none', { manifest: encoded({}) }, /has a manifest that does not list/],
    ['no text', { manifest: new Uint8Array([0xff, 0x7b]) }, /has a manifest that does not list/],
    [
      'a claim of petabytes',
      { manifest: manifestOf({ name: 'fc', shape: [2 ** 50, 2 ** 50], dtype: 'float32' }) },
      /has 6444032 bytes; its manifest lists \d\.\d+e\+3/,
    ],
    [
      'another type of numbers',
      { manifest: manifestOf({ name: 'fc', shape: [1], dtype: 'int32' }) },
      /has a manifest that does not list/,
    ],
  ])('refuses %s', async (_, changed, message) => {
    const before = tf.memory().numTensors;
    await expect(loadFaceDescriptor({ files: { ...files, ...changed } })).rejects.toMatchObject({
      code: 'checkpoint-corrupt',
      message: expect.stringMatching(message),
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});

it('refuses the weights of another network, folder and files together, and an address with nothing', async () => {
  const weights = new Uint8Array(4);
  const manifest = manifestOf({ name: 'conv0/filters', shape: [1], dtype: 'float32' });
  await expect(loadFaceDescriptor({ files: { manifest, weights } })).rejects.toMatchObject({
    code: 'weights-mismatch',
  });
  await expect(loadFaceDescriptor({ folder: '/models', files: { manifest, weights } })).rejects.toMatchObject(
    { code: 'invalid-option', message: expect.stringMatching(/^files must be left out/) },
  );
  await expect(loadFaceDescriptor({ folder: '/nothing/here' })).rejects.toMatchObject({
    code: 'io',
    file: expect.stringMatching(/\/nothing\/here\/face_recognition_model-weights_manifest\.json$/),
    hint: expect.stringContaining('@vladmandic/face-api'),
  });
});

it('says how to install the package with the weights', async () => {
  await expect(peerFolder('file:///nowhere/module.js')).rejects.toMatchObject({
    code: 'io',
    message: 'The face descriptor needs @vladmandic/face-api, which is not installed.',
    hint: 'Run: npm install @vladmandic/face-api',
  });
});

/** Waves of other lengths and colours, as in a picture, from -1 to 1. */
function smoothPicture(): Float32Array {
  return Float32Array.from({ length: 150 * 150 * 3 }, (_, i) => {
    const [channel, x, y] = [i % 3, Math.floor(i / 3) % 150, Math.floor(i / 450)];
    return 0.9 * Math.sin(x / (9 + 4 * channel)) * Math.cos(y / 17 + channel);
  });
}

function manifestOf(...weights: object[]): Uint8Array {
  return encoded([{ weights, paths: ['face_recognition_model.bin'] }]);
}

function encoded(value: unknown): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}
