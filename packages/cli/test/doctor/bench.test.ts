import { openBackend } from '@faceanim/backend-node';
import type { RgbImage } from '@faceanim/core';
import { tinyNetworks } from '@faceanim/core/testing';
import { type Backend, randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BenchNetworks, type BenchOptions, bench, type Measurements } from '../../src/doctor/bench';

const data = Uint8Array.from(randomState(1).randn(16 * 16 * 3), (x) => 128 + 20 * x);
const picture: RgbImage = { width: 16, height: 16, data };
const subject = { look: picture, driver: [picture, picture, picture, picture] };

function openTiny(): BenchNetworks {
  const { generator, landmarkNet, perceptual, ...others } = tinyNetworks();
  return { generator, landmarkNet, perceptual, [Symbol.dispose]: others[Symbol.dispose] };
}

const effort = { steps: 3, pictures: 2, partMs: 1e6, totalMs: 1e6 };

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ prefer: 'wasm' });
});
afterAll(() => backend[Symbol.asyncDispose]());

/** Measures with tiny networks; an error ends it. */
async function measure(options: Partial<BenchOptions> = {}, open = openTiny) {
  const parts: string[] = [];
  let measured: Partial<Measurements> = {};
  let error: unknown;
  try {
    const onPart = (what: string) => void parts.push(what);
    for await (const part of bench({ ...subject, open: async () => open() }, backend, {
      ...effort,
      onPart,
      ...options,
    }))
      measured = { ...measured, ...part };
  } catch (thrown) {
    error = thrown;
  }
  return { parts, measured, error };
}

it('measures each part, and leaves no tensors behind', async () => {
  const before = tf.memory().numTensors;
  const { parts, measured, error } = await measure();
  expect(error).toBeUndefined();
  expect(parts).toContain('finding the face, frame 4');
  expect(parts.slice(-3)).toEqual(['optimising frame 1 of 4, step 4 of 4', 'rendering', 'a live session']);
  const { stepMs, stepMs95, facesPerSecond, pictureMs, live, memoryBytes, tensorsLeft } = measured;
  for (const value of [
    stepMs,
    facesPerSecond,
    pictureMs,
    live!.picturesPerSecond,
    live!.latencyMs,
    live!.stepsPerPicture,
  ])
    expect(value).toBeGreaterThan(0);
  expect(stepMs95).toBeGreaterThanOrEqual(stepMs!);
  // Node alone takes tens of megabytes.
  expect(memoryBytes).toBeGreaterThan(2e7);
  expect(tensorsLeft).toBe(0);
  expect(tf.memory().numTensors).toBe(before);
});

it('counts tensors that networks leave behind', async () => {
  const kept: tf.Tensor[] = [];
  const { measured } = await measure({ totalMs: 0 }, () => {
    kept.push(tf.scalar(1));
    return openTiny();
  });
  tf.dispose(kept);
  expect(measured.tensorsLeft).toBe(1);
});

it('measures only the steps if no time is left after them', async () => {
  const { parts, measured } = await measure({ totalMs: 0 });
  expect(parts.at(-1)).toBe('optimising frame 1 of 4, step 4 of 4');
  expect(Object.keys(measured)).toEqual(expect.arrayContaining(['stepMs', 'memoryBytes', 'tensorsLeft']));
  expect(measured).not.toHaveProperty('live');
});

it('ends a part when its time is over, with something measured', async () => {
  const { measured } = await measure({ steps: 1e6, pictures: 1e6, partMs: 0 });
  expect(measured.stepMs).toBeGreaterThan(0);
  expect(measured.pictureMs).toBeGreaterThan(0);
});

it('keeps what was measured before an error, and disposes everything', async () => {
  const before = tf.memory().numTensors;
  const { measured, error } = await measure({}, () => {
    const networks = openTiny();
    let runs = 0;
    const synthesis: typeof networks.generator.synthesis = (...args) => {
      if (++runs > 20) throw new Error('too often');
      return networks.generator.synthesis(...args);
    };
    return { ...networks, generator: { ...networks.generator, synthesis } };
  });
  expect(error).toEqual(new Error('too often'));
  expect(measured.stepMs).toBeGreaterThan(0);
  expect(measured).not.toHaveProperty('live');
  expect(tf.memory().numTensors).toBe(before);
});

it('stops at an abort, after the image that is being drawn', async () => {
  const controller = new AbortController();
  const before = tf.memory().numTensors;
  const { generator, ...networks } = openTiny();
  let drawn = 0;
  const synthesis: typeof generator.synthesis = (...args) => {
    drawn++;
    return generator.synthesis(...args);
  };
  const { measured, error } = await measure(
    { signal: controller.signal, onPart: () => controller.abort() },
    () => ({ ...networks, generator: { ...generator, synthesis } }),
  );
  expect(error).toMatchObject({ code: 'aborted' });
  expect(measured).toEqual({});
  expect(drawn).toBeLessThanOrEqual(1);
  expect(tf.memory().numTensors).toBe(before);
});
