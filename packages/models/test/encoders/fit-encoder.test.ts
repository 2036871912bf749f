import { type Generator, generatorFingerprint, type ProgressEvent, tensorToImages } from '@faceanim/core';
import { tinyGenerator, tinyLandmarkNet } from '@faceanim/core/testing';
import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { maxRelative } from '../../../tensor/test/support/compare';
import { type FitEncoderOptions, fitEncoder } from '../../src/encoders/fit-encoder';

eachBackend(() => {
  let generator: Generator;
  let base: FitEncoderOptions;
  beforeAll(() => {
    generator = tinyGenerator();
    base = { generator, landmarkNet: tinyLandmarkNet(), samples: 60 };
  });
  afterAll(() => {
    generator[Symbol.dispose]();
    base.landmarkNet[Symbol.dispose]();
  });

  /** The w that the generator maps z to, and its picture. */
  async function faceOf(z: Float32Array) {
    const [ws, image] = tf.tidy(() => {
      const ws = generator.mapping(tf.tensor2d(z, [1, z.length]));
      return [ws, generator.synthesis(ws)] as const;
    });
    const w = ((await ws.data()) as Float32Array).slice(0, generator.wDim);
    const [look] = await tensorToImages(image, 'signed');
    tf.dispose([ws, image]);
    return { w, look: look! };
  }

  it('guesses the w of a face from its picture', async () => {
    const encoder = await fitEncoder({ ...base, samples: 300 });
    expect(encoder).toMatchObject({ wDim: generator.wDim, side: 8 });
    expect(encoder.generator).toEqual(await generatorFingerprint(generator));
    // Faces of another seed. The tiny landmark network finds nothing in them, so only the picture counts.
    const random = randomState(9);
    let [error, spread] = [0, 0];
    for (let i = 0; i < 10; i++) {
      const { w, look } = await faceOf(Float32Array.from(random.randn(generator.zDim)));
      const landmarks = new Float64Array(136).fill(0.5);
      const guess = await encoder.encode({ look, landmarks });
      error += Math.hypot(...w.map((x, k) => x - guess[k]!));
      spread += Math.hypot(...w);
    }
    expect(error).toBeLessThan(0.3 * spread);
  });

  it('warns of fewer samples than features before it starts', async () => {
    const warned: string[] = [];
    const told = (samples: number, side?: number) => {
      const onWarning = (message: string) => warned.push(message);
      const signal = AbortSignal.abort();
      return fitEncoder({ ...base, samples, side, onWarning, signal }).catch(({ code }) => code);
    };
    // 3 x 8 x 8 values of the look and 150 of the landmarks.
    for (const samples of [1, 341, 342]) expect(await told(samples)).toBe('aborted');
    await told(153, 1);
    expect(warned).toEqual([
      expect.stringMatching(/342 features is fitted to 1 sample: .*at least 342/),
      expect.stringMatching(/342 features is fitted to 341 samples: /),
    ]);
  });

  it('follows landmarks, or the look, less if their ridge penalty is higher', async () => {
    const { look } = await faceOf(new Float32Array(6).fill(0.4));
    const [at, elsewhere] = [0.5, 0.6].map((x) => new Float64Array(136).fill(x));
    const black = { ...look, data: new Uint8Array(look.data.length) };
    const moves = async (ridge: FitEncoderOptions['ridge']) => {
      const encoder = await fitEncoder({ ...base, ridge });
      const guess = await encoder.encode({ look, landmarks: at! });
      const [byLandmarks, byLook] = await Promise.all([
        encoder.encode({ look, landmarks: elsewhere! }),
        encoder.encode({ look: black, landmarks: at! }),
      ]);
      return [byLandmarks, byLook].map((other) => Math.hypot(...other.map((x, i) => x - guess[i]!)));
    };
    const [free, still, blind] = [
      await moves({}),
      await moves({ places: 1e6, shapes: 1e6 }),
      await moves({ look: 1e6 }),
    ];
    expect(still[0]).toBeLessThan(1e-2 * free[0]!);
    expect(still[1]).toBeGreaterThan(0.1 * free[1]!);
    expect(blind[1]).toBeLessThan(1e-2 * free[1]!);
  });

  it('fits the same encoder for a seed, whatever the batch size', async () => {
    const first = (await fitEncoder(base)).toSafetensors();
    expect((await fitEncoder(base)).toSafetensors()).toEqual(first);
    expect((await fitEncoder({ ...base, seed: 1 })).toSafetensors()).not.toEqual(first);
    const face = {
      look: (await faceOf(new Float32Array(6).fill(0.4))).look,
      landmarks: new Float64Array(136),
    };
    const guess = async (batch: number) => (await fitEncoder({ ...base, batch })).encode(face);
    expect(await maxRelative(await guess(7), await guess(1))).toBeLessThan(1e-3);
  });

  it('reports progress and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const events: ProgressEvent[] = [];
    await fitEncoder({ ...base, samples: 10, onProgress: (event) => events.push(event) });
    expect(events.map(({ fraction }) => fraction)).toEqual([0, 0.4, 0.8, 1]);
    // The first batch may compile programs, so the time left is known from the second one on.
    expect(events.map(({ etaSeconds = -1 }) => etaSeconds >= 0)).toEqual([false, false, true, true]);
    expect(events.every(({ stage }) => stage === 'fit')).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('stops on a signal and leaves no tensor behind', async () => {
    const before = tf.memory().numTensors;
    const controller = new AbortController();
    const fractions: number[] = [];
    const onProgress = ({ fraction }: ProgressEvent) => {
      fractions.push(fraction!);
      if (fractions.length === 3) controller.abort();
    };
    const run = fitEncoder({ ...base, samples: 40, signal: controller.signal, onProgress });
    await expect(run).rejects.toMatchObject({ code: 'aborted' });
    expect(fractions).toEqual([0, 0.1, 0.2]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('leaves no tensor behind when a network fails', async () => {
    const before = tf.memory().numTensors;
    const blind = {
      ...base.landmarkNet,
      heatmaps: () => {
        throw new Error('blind');
      },
    };
    await expect(fitEncoder({ ...base, landmarkNet: blind })).rejects.toThrow('blind');
    expect(tf.memory().numTensors).toBe(before);
  });

  it('passes the label 0 to conditional generators', async () => {
    const labels: number[][] = [];
    const conditional: Generator = {
      ...generator,
      cDim: 3,
      mapping: (z, { c } = {}) => {
        labels.push([...c!.shape, ...c!.dataSync()]);
        return generator.mapping(z);
      },
    };
    await fitEncoder({ ...base, generator: conditional, samples: 3, batch: 2 });
    expect(labels).toEqual([
      [2, 3, 0, 0, 0, 0, 0, 0],
      [1, 3, 0, 0, 0],
      // For the fingerprint of the generator.
      [1, 3, 0, 0, 0],
    ]);
  });

  it.each<[Partial<FitEncoderOptions>, RegExp]>([
    [{ samples: 0 }, /samples/],
    [{ samples: Number.NaN }, /samples/],
    [{ side: 2.5 }, /side/],
    [{ batch: -1 }, /batch/],
    [{ ridge: { look: 0 } }, /ridge\.look/],
    [{ ridge: { look: Number.NaN } }, /ridge\.look/],
    [{ ridge: { places: Number.POSITIVE_INFINITY } }, /ridge\.places/],
    [{ ridge: { shapes: -1 } }, /ridge\.shapes/],
    [{ seed: -1 }, /seed/],
  ])('refuses %o', async (options, message) => {
    const run = fitEncoder({ ...base, ...options });
    await expect(run).rejects.toMatchObject({ code: 'invalid-option' });
    await expect(run).rejects.toThrow(message);
  });
});
