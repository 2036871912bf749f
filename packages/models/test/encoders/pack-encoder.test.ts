import { generatorFingerprint, latentStatistics, type RgbImage, tensorToImages } from '@faceanim/core';
import { centredSquare, detectLandmarks, type Landmarks } from '@faceanim/core/landmarks';
import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { maxRelative } from '../../../tensor/test/support/compare';
import { type AvatarPack, avatarPack } from '../../src/packs/avatar';

import '../../../tensor/test/support/backends';

const count = 6;

describe('the encoder of the pack, on faces that it was not fitted to', () => {
  let pack: AvatarPack;
  let tensors: number;
  let mean: Float32Array;
  let faces: { w: Float32Array; look: RgbImage; landmarks: Landmarks }[];

  beforeAll(async () => {
    await tf.setBackend('wasm');
    await tf.ready();
    tensors = tf.memory().numTensors;
    pack = await avatarPack();
    ({ mean } = await latentStatistics(pack.generator, { samples: 2000 }));
    // It was fitted to faces of seed 0.
    const random = randomState(1);
    faces = [];
    for (let i = 0; i < count; i++) {
      const w = await latentOf(Float32Array.from(random.randn(pack.generator.zDim)));
      faces.push({ w, ...(await draw(w)) });
    }
  });

  afterAll(() => {
    pack[Symbol.dispose]();
    expect(tf.memory().numTensors, 'tensors left behind').toBe(tensors);
  });

  async function latentOf(z: Float32Array): Promise<Float32Array> {
    const ws = tf.tidy(() => pack.generator.mapping(tf.tensor2d(z, [1, z.length])));
    const w = ((await ws.data()) as Float32Array).slice(0, pack.generator.wDim);
    ws.dispose();
    return w;
  }

  async function draw(w: Float32Array): Promise<{ look: RgbImage; landmarks: Landmarks }> {
    const { numWs, wDim } = pack.generator;
    const image = tf.tidy(() =>
      pack.generator.synthesis(tf.tile(tf.tensor3d(w, [1, 1, wDim]), [1, numWs, 1])),
    );
    const [look] = await tensorToImages(image, 'signed');
    image.dispose();
    const { landmarks } = await detectLandmarks(look!, centredSquare(look!), pack.landmarkNet);
    return { look: look!, landmarks };
  }

  const encode = (look: RgbImage, landmarks: Landmarks) =>
    pack.encoder.encode({ look, landmarks: landmarks.map((x) => x / look.width) });

  it('belongs to the generator beside it', async () => {
    expect(
      await maxRelative(pack.encoder.generator!, await generatorFingerprint(pack.generator)),
    ).toBeLessThan(1e-3);
  });

  // Measured on 16 faces: 0.81 to 0.93 for w, 0.23 to 0.97 for pixels, 0.14 to 0.63 for landmarks.
  it('guesses better than the mean face', async () => {
    const average = await draw(mean);
    const shares: Record<'w' | 'pixels' | 'landmarks', number[]> = { w: [], pixels: [], landmarks: [] };
    for (const { w, look, landmarks } of faces) {
      const guess = await encode(look, landmarks);
      const drawn = await draw(guess);
      shares.w.push(distance(guess, w) / distance(mean, w));
      shares.pixels.push(distance(drawn.look.data, look.data) / distance(average.look.data, look.data));
      shares.landmarks.push(distance(drawn.landmarks, landmarks) / distance(average.landmarks, landmarks));
    }
    for (const name of ['w', 'pixels', 'landmarks'] as const) {
      expect(Math.max(...shares[name]), name).toBeLessThan(1);
    }
    expect(meanOf(shares.w)).toBeLessThan(0.92);
    expect(meanOf(shares.pixels)).toBeLessThan(0.5);
    expect(meanOf(shares.landmarks)).toBeLessThan(0.45);
  });

  // Measured on 16 faces, relative to the distance between the two faces: landmarks 0.28 to 0.52, pixels 0.69 on average.
  it('adopts the landmarks of another face and stays closer to the look than that face is', async () => {
    const shares: number[] = [];
    const looks: number[] = [];
    for (const [i, { look, landmarks }] of faces.entries()) {
      const other = faces[(i + 1) % count]!;
      const drawn = await draw(await encode(look, other.landmarks));
      shares.push(distance(drawn.landmarks, other.landmarks) / distance(landmarks, other.landmarks));
      looks.push(distance(drawn.look.data, look.data) / distance(other.look.data, look.data));
    }
    expect(Math.max(...shares)).toBeLessThan(0.7);
    expect(meanOf(looks)).toBeLessThan(0.85);
  });
});

const meanOf = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;

function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2;
  return Math.sqrt(sum);
}
