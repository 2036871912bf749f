import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { heatmaps, lpips, smooth } from '../../src/losses';
import { fast } from '../../src/presets/fast';
import { thorough } from '../../src/presets/thorough';
import { openProjector, type ProjectOptions, type Projector } from '../../src/sequence/projector';
import type { SequenceFrame } from '../../src/sequence/sequence-frame';
import { collect, driver, latents, picture, withNetworks } from './support';

async function project(projector: Projector, options: ProjectOptions): Promise<SequenceFrame[]> {
  const frames: SequenceFrame[] = [];
  for await (const frame of projector.project(options)) frames.push(frame);
  return frames;
}

eachBackend(() => {
  it('yields the frames of projectSequence, computes statistics and scales once and leaks nothing', async () => {
    await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, encoder, ...run }) => {
      const networks = { generator, landmarkNet, perceptual, statistics };
      const options = { ...run, driver: driver(2) };
      const alone = await collect({ ...networks, ...options });
      const mapping = vi.spyOn(generator, 'mapping');
      // Eight z are mapped for the scales of weights, and more for statistics.
      const sampled = () => mapping.mock.calls.filter(([z]) => z.shape[0] > 8).length;
      const scaled = () => mapping.mock.calls.filter(([z]) => z.shape[0] === 8).length;
      const anew = () => [lpips({ net: perceptual }), heatmaps({ net: landmarkNet, weight: 0.01 }), smooth()];
      const before = tf.memory().numTensors;
      {
        using projector = await openProjector(networks);
        const asked = sampled();
        const first = await project(projector, options);
        const other = await project(projector, { ...options, look: picture(3), space: 'w' });
        expect(scaled()).toBe(2);
        const again = await project(projector, { ...options, losses: anew() });
        expect(scaled(), 'terms of the same settings and networks').toBe(2);
        await project(projector, {
          ...options,
          driver: driver(1),
          losses: [lpips({ net: perceptual, size: 8 })],
        });
        expect(scaled(), 'another size').toBe(3);
        expect(sampled()).toBe(asked);
        expect(latents(first)).toEqual(latents(alone));
        expect(latents(again)).toEqual(latents(alone));
        expect(latents(other)).not.toEqual(latents(alone));
      }
      expect(tf.memory().numTensors).toBe(before);
    });
  });

  it('uses the statistics that its generator brings along, where they are those that are asked for', async () => {
    await withNetworks(async ({ generator }) => {
      const { statistics } = await openProjector({ generator, statistics: { samples: 50, seed: 123 } });
      const sampled = { samples: 10000, seed: 123 };
      const known = Object.assign(generator, { statistics: { ...statistics, sampled } });
      expect((await openProjector({ generator: known })).statistics).toBe(known.statistics);
      const others = { samples: 50 };
      expect((await openProjector({ generator: known, statistics: others })).statistics).toEqual(statistics);
    });
  });

  it.each(['generator', 'landmarkNet', 'perceptual', 'backend', 'statistics', 'encoder'])(
    'refuses another %s in a run',
    async (owned) => {
      await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, encoder, ...run }) => {
        using projector = await openProjector({ generator, landmarkNet, perceptual, statistics });
        const other = { [owned]: { samples: 3 } };
        await expect(
          project(projector, { ...run, driver: driver(1), ...other } as never),
        ).rejects.toMatchObject({
          code: 'invalid-option',
          message: `project takes no option "${owned}": the projector has its own.`,
        });
      });
    },
  );

  it('does without its encoder in a run that says so, as thorough() does', async () => {
    await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, encoder: _, ...run }) => {
      const encode = vi.fn(() => new Float32Array(generator.wDim));
      const encoder = { specificationVersion: 'v1', wDim: generator.wDim, encode } as const;
      using projector = await openProjector({ generator, landmarkNet, perceptual, statistics, encoder });
      const short = { ...run, driver: driver(1) };
      await project(projector, { ...short, ...thorough(), steps: { look: 0, first: 1 } });
      expect(encode).not.toHaveBeenCalled();
      await project(projector, { ...short, ...fast(), steps: { look: 0, first: 1 } });
      expect(encode).toHaveBeenCalled();
    });
  });

  it('refuses runs once it is disposed, and ends those under way without leaving a tensor', async () => {
    await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, encoder, ...run }) => {
      const networks = { generator, landmarkNet, perceptual, statistics };
      const disposed = { code: 'invalid-option', message: 'The projector is disposed.' };
      const before = tf.memory().numTensors;
      let closed = 0;
      const clip = function* () {
        try {
          yield* driver(4);
        } finally {
          closed++;
        }
      };
      const between = await openProjector(networks);
      const frames = between.project({ ...run, driver: clip() });
      expect((await frames.next()).done).toBe(false);
      between[Symbol.dispose]();
      await expect(frames.next()).rejects.toMatchObject(disposed);
      await expect(project(between, run)).rejects.toMatchObject(disposed);
      await expect(between.track(driver(1))).rejects.toMatchObject(disposed);

      const within = await openProjector(networks);
      const onProgress = ({ step }: { step?: number }) => step === 2 && within[Symbol.dispose]();
      await expect(project(within, { ...run, driver: clip(), onProgress })).rejects.toMatchObject(disposed);
      await expect.poll(() => tf.memory().numTensors).toBe(before);
      expect(closed).toBe(2);
    });
  });
});

describe('openProjector', () => {
  it('tracks a clip once for many runs', async () => {
    await tf.setBackend('cpu');
    await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, encoder, ...run }) => {
      using projector = await openProjector({ generator, landmarkNet, perceptual, statistics });
      const plain = driver(2).map(({ index, image }) => ({ index, image }));
      const tracked = await projector.track(plain, { align: 'none', minScore: 0 });
      const heatmaps = vi.spyOn(landmarkNet!, 'heatmaps');
      await project(projector, { ...run, driver: tracked, losses: [run.losses![2]!, run.losses![0]!] });
      const untracked = heatmaps.mock.calls.length;
      heatmaps.mockClear();
      await project(projector, {
        ...run,
        driver: plain,
        tracking: { align: 'none', minScore: 0 },
        losses: [run.losses![2]!, run.losses![0]!],
      });
      expect(heatmaps.mock.calls.length).toBeGreaterThan(untracked);
    });
  });

  it('refuses unknown options, and a driver with plain frames after aligned ones', async () => {
    await withNetworks(async ({ generator, landmarkNet, perceptual, statistics, encoder, ...run }) => {
      await expect(openProjector({ generator, look: 1 } as never)).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringContaining('"look"'),
      });
      using blind = await openProjector({ generator, statistics });
      await expect(blind.track(driver(1))).rejects.toThrow(/no landmark network to track with/);
      using projector = await openProjector({ generator, landmarkNet, perceptual, statistics });
      const mixed = [driver(1)[0]!, { index: 1, image: picture(1) }];
      await expect(project(projector, { ...run, driver: mixed })).rejects.toMatchObject({
        code: 'invalid-option',
        message: expect.stringContaining('driver frame 1'),
      });
    });
  });
});
