import '@tensorflow/tfjs-backend-cpu';
import { randomState } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/contracts/progress';
import { interpolate } from '../../src/latents/interpolate';
import { decodeLatents, encodeLatents } from '../../src/latents/latents-file';
import { render } from '../../src/latents/render';
import { fidelity } from '../../src/losses';
import type { LossTerm, StepContext } from '../../src/losses/loss-term';
import { adam } from '../../src/optimizers/adam';
import type { ProjectSequenceOptions } from '../../src/sequence/options';
import { projectSequence } from '../../src/sequence/project-sequence';
import { collect, driver, recordingBackend, withNetworks } from './support';

beforeAll(() => tf.setBackend('cpu'));

it('names driver frames by their index in the driver, in errors and progress', async () => {
  await withNetworks(async (base) => {
    const sparse = driver(4).map((frame, i) => ({ ...frame, index: 100 + 5 * i }));
    const events: ProgressEvent[] = [];
    const options = { ...base, steps: { look: 0, first: 2, next: 2 }, driver: sparse, window: 2 };
    const run = await collect({ ...options, onProgress: (event) => events.push(event) });
    expect(run.map(({ index }) => index)).toEqual([0, 1, 2, 3]);
    const told = events.filter(({ step }) => step === 1).map(({ frame, position }) => [frame, position]);
    expect(told).toEqual([
      [100, 0],
      [110, 2],
      [115, 3],
    ]);
    const rises: LossTerm = {
      ...fidelity({ relative: false }),
      name: 'rises',
      value: ({ ws, previous }) =>
        tf.mul(
          fidelity().value({ ws, mean: tf.zeros([1, 1, 6]) } as never, undefined as never),
          previous ? Number.NaN : 1,
        ),
    };
    await expect(collect({ ...options, losses: [rises] })).rejects.toMatchObject({
      code: 'diverged',
      frame: 105,
    });
    const controller = new AbortController();
    const aborted = collect({
      ...options,
      signal: controller.signal,
      onProgress: ({ frame, step }) => frame === 110 && step === 0 && controller.abort(),
    });
    await expect(aborted).rejects.toMatchObject({ code: 'aborted', frame: 105 });
    const [first] = run;
    const mismatch = collect({ ...options, resume: [{ ...first!, index: 1 }] });
    await expect(mismatch).rejects.toMatchObject({ code: 'resume-mismatch', frame: 100 });
  });
});

it('renders frames with the noise maps that they were optimised with, also between frames', async () => {
  await withNetworks(async (base) => {
    const noiseMaps = { optimize: 'first-frame', after: 'keep' } as const;
    const steps = { look: 0, first: 3, next: 2 };
    const frames = await collect({ ...base, optimizer: adam(), steps, driver: driver(2), noiseMaps });
    const draw = async (source: Parameters<typeof render>[0], options = {}) => {
      const drawn: number[][] = [];
      for await (const { data } of render(source, base.generator, options)) drawn.push([...data]);
      return drawn;
    };
    const own = frames[0]!.noise!;
    const between = await draw(interpolate(frames));
    expect(between).toEqual(await draw(interpolate(frames), { noise: own, batch: 3 }));
    expect(between).not.toEqual(await draw(interpolate(frames), { noise: 'const' }));
    const saved = decodeLatents(encodeLatents(frames.map(({ latent }) => latent)));
    expect(await draw(interpolate(saved))).toEqual(between);
  });
});

it('draws noise maps and latent noise from separate random streams', async () => {
  await withNetworks(async (base) => {
    const noiseMaps = { optimize: 'first-frame', after: 'keep' } as const;
    const maps = async (options: Partial<ProjectSequenceOptions>) => {
      const drawn: Float32Array[] = [];
      const look = {
        ...fidelity(),
        value: ({ noise, ...step }: StepContext) => {
          drawn.push(...Object.values(noise).map((map) => map.dataSync() as Float32Array));
          return fidelity().value({ noise, ...step }, undefined as never);
        },
      };
      await collect({
        ...base,
        steps: { look: 0, first: 1 },
        driver: driver(1),
        noiseMaps,
        optimizer: adam(),
        losses: [look],
        ...options,
      });
      return drawn;
    };
    const [first, second] = await maps({});
    expect(first).not.toEqual(second);
    // Latent noise changes no map, and frame i of one seed is independent of frame i - 1 of the next.
    expect((await maps({ optimizer: adam({ latentNoise: { factor: 1 } }) }))[0]).toEqual(first);
    expect((await maps({ seed: 1 }))[0]).not.toEqual(first);
    const plain = randomState(0).randn(4);
    expect([...first!.slice(0, 4)]).not.toEqual([...Float32Array.from(plain)]);
  });
});

it('activates its backend for every window, even if another was activated between two frames', async () => {
  await withNetworks(async (base) => {
    let activated = 0;
    const backend = { ...recordingBackend(() => {}), activate: async () => void activated++ };
    let last = 0;
    for await (const frame of projectSequence({
      ...base,
      steps: { look: 0, first: 1, next: 1 },
      backend,
      driver: driver(3),
    })) {
      expect(activated, `frame ${frame.index}`).toBeGreaterThan(last);
      last = activated;
    }
    const latents = interpolate(
      [await collect({ ...base, steps: { look: 0, first: 1 }, driver: driver(1) })].flat(),
    );
    const before = activated;
    for await (const _ of render(latents, base.generator, { backend })) expect(activated).toBe(before + 1);
  });
});
