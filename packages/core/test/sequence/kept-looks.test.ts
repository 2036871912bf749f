import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import type { ProgressEvent } from '../../src/contracts/progress';
import { fidelity, heatmaps, lpips, smooth } from '../../src/losses';
import { adam } from '../../src/optimizers/adam';
import { quasiNewton } from '../../src/optimizers/quasi-newton';
import { keptLooks } from '../../src/sequence/kept-looks';
import { openProjector, type ProjectOptions } from '../../src/sequence/projector';
import type { SequenceFrame } from '../../src/sequence/sequence-frame';
import { type Base, collect, driver, latents, picture, withNetworks } from './support';

beforeAll(() => tf.setBackend('cpu'));

const steps = { look: 4, first: 2, next: 1 };

type Run = (changed?: Partial<ProjectOptions>) => Promise<{ frames: SequenceFrame[]; kept: boolean }>;

/** Opens a projector; its runs tell whether it had kept their look. */
async function withProjector(test: (base: Base, run: Run) => Promise<void>) {
  await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, ...base }) => {
    using projector = await openProjector({ generator, landmarkNet, perceptual, statistics });
    const networks = { generator, landmarkNet, perceptual, statistics: projector.statistics };
    await test({ ...base, steps, ...networks }, async (changed) => {
      const ofLook: ProgressEvent[] = [];
      const onProgress = (event: ProgressEvent) => void (event.stage === 'look' && ofLook.push(event));
      const frames: SequenceFrame[] = [];
      const options = { ...base, encoder: undefined, driver: driver(1), steps, ...changed };
      for await (const frame of projector.project({ ...options, onProgress })) frames.push(frame);
      const kept = ofLook[0]!.kept === true;
      if (kept) expect(ofLook).toEqual([{ stage: 'look', steps: 4, fraction: 1, kept }]);
      return { frames, kept };
    });
  });
}

it('are not projected again by runs that differ only in what comes after the look, and give the same latents', async () => {
  await withProjector(async (base, run) => {
    const losses = (smoothness: number) => [
      lpips({ net: base.perceptual, weight: ({ progress }) => 1 - progress / 2 }),
      heatmaps({ net: base.landmarkNet, weight: 0.01 }),
      smooth({ weight: smoothness }),
    ];
    expect((await run({ losses: losses(0.1) })).kept).toBe(false);
    const others = { losses: losses(3), optimizer: quasiNewton(), steps: { ...steps, first: 3 } };
    const { frames, kept } = await run({ ...others, driver: driver(3), every: 2 });
    expect(kept).toBe(true);
    const alone = await collect({ ...base, ...others, driver: driver(3), every: 2 });
    expect(latents(frames)).toEqual(latents(alone));
    expect(frames[0]!.lookLatent).toEqual(alone[0]!.lookLatent);
  });
});

it('are projected again where anything differs that their projection depends on', async () => {
  await withProjector(async ({ landmarkNet, perceptual }, run) => {
    const losses = (weight: number, eyes = 1) => [
      lpips({ net: perceptual, weight: ({ progress }) => (progress >= 0.5 ? weight : 1) }),
      heatmaps({ net: landmarkNet, weight: 0.01, groups: { eyes } }),
    ];
    const noise = { factor: 0.1 };
    const changes: Partial<ProjectOptions>[] = [
      {},
      { look: picture(3) },
      { losses: losses(2) },
      { losses: losses(1, 3) },
      { losses: [...losses(1), fidelity()] },
      { optimizer: quasiNewton({ scale: 1 }) },
      { optimizer: { ...quasiNewton(), name: 'my own' } },
      { optimizer: adam({ latentNoise: noise }) },
      { optimizer: adam({ latentNoise: noise }), seed: 5 },
      { steps: { ...steps, look: 6 } },
      { noiseMaps: 'none' },
    ];
    for (const change of changes)
      expect((await run({ losses: losses(1), ...change })).kept, JSON.stringify(change)).toBe(false);
  });
});

it('are the last four that were used, and copies', () => {
  const looks = keptLooks();
  const problem = (facts: string) => ({ optimizer: adam(), terms: [smooth()], facts });
  const look = (value: number) => ({ latent: { numWs: 1, wDim: 1, data: Float32Array.of(value) } });
  for (const i of [0, 1, 2, 3]) looks.keep(problem(`${i}`), look(i));
  looks.find(problem('0'))!.latent.data[0] = 7;
  expect(looks.find(problem('0'))).toEqual(look(0));
  looks.keep(problem('4'), look(4));
  expect(looks.find(problem('1'))).toBeUndefined();
  expect(looks.find(problem('0'))).toEqual(look(0));
});
