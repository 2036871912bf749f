import '../../../tensor/test/support/backends';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RgbImage } from '../../src/contracts/image';
import { type ClipFrame, trackClip } from '../../src/landmarks/track-clip';
import { openDriver } from '../../src/sequence/driver';
import type { DriverFrame, ProjectSequenceOptions } from '../../src/sequence/options';
import { SampledPictures } from '../../src/sequence/sampled-pictures';
import { locate, net, play, shown } from '../landmarks/tracking-support';
import { collect, latents, picture, withNetworks } from './support';

beforeAll(() => tf.setBackend('wasm'));

const path = Array.from({ length: 7 }, (_, i) => [90 + 4 * i, 90] as const);
const gaps = path.map((at, i) => (i === 0 || i === 3 ? undefined : at));

describe('a driver that can be opened again', () => {
  it.each<['hold' | 'skip', number]>([
    ['hold', 1],
    ['hold', 3],
    ['skip', 1],
    ['skip', 2],
  ])(
    'keeps no crops, and gives the same when it is read again: %s, every %i',
    async (onMissingFace, every) => {
      const tracking = { locate, onMissingFace };
      const whole = await trackClip(play(gaps), { landmarkNet: net, ...tracking });
      const options: unknown = { driver: () => play(gaps), landmarkNet: net, tracking };
      await using driver = await openDriver(options as Parameters<typeof openDriver>[0], {
        ...{ target: undefined, steps: { look: 0, first: 1, next: 1 }, every },
      });
      const clip = driver.frames as readonly ClipFrame[];
      expect(clip.map(({ index }) => index)).toEqual(whole.map(({ index }) => index));
      expect(clip.some(({ image }) => image)).toBe(false);
      const wanted = clip.filter((_, i) => i % every === 0);
      const cropped: unknown[] = [];
      for await (const frame of driver.withCrops(wanted)) cropped.push(frame);
      expect(cropped).toEqual(whole.filter((_, i) => i % every === 0));
    },
  );

  it('that has changed is an error naming the frame', async () => {
    let opened = 0;
    const frames = path.map((at, index) => ({ index, image: shown([{ at }]) }));
    const changes: [readonly DriverFrame[], number][] = [
      [frames.map((frame) => (frame.index === 2 ? { index: 2, image: shown([]) } : frame)), 2],
      [frames.slice(0, 4), 4],
    ];
    for (const [later, frame] of changes) {
      opened = 0;
      const open = () => (opened++ ? later : frames);
      const options: unknown = { landmarkNet: net, tracking: { locate }, driver: open };
      await using driver = await openDriver(options as Parameters<typeof openDriver>[0], {
        ...{ target: undefined, steps: { look: 0, first: 1, next: 1 }, every: 1 },
      });
      const read = async () => {
        for await (const _ of driver.withCrops(driver.frames as readonly ClipFrame[]));
      };
      await expect(read()).rejects.toMatchObject({ code: 'media', frame });
    }
  });

  it('gives the same latents, refined and with a target, and is closed each time', async () => {
    const frames = Array.from({ length: 5 }, (_, index) => ({ index, image: picture(index) }));
    await withNetworks(async (base) => {
      const target = {
        specificationVersion: 'v1',
        name: 'mirror',
        landmarks: ({ frames: shot, size }: { frames: readonly ClipFrame[]; size: number }) =>
          shot.map(({ alignedLandmarks }) => alignedLandmarks.map((x) => size - x)),
      } as const;
      const common: ProjectSequenceOptions = {
        ...{ ...base, target, steps: { look: 0, first: 2, next: 1 }, refine: { window: 3, steps: 2 } },
        tracking: { align: 'none', minScore: 0 },
      };
      let [opened, closed] = [0, 0];
      async function* open() {
        opened++;
        try {
          yield* frames;
        } finally {
          closed++;
        }
      }
      const again = await collect({ ...common, driver: open });
      const once = await collect({ ...common, driver: frames });
      expect(latents(again)).toEqual(latents(once));
      expect(again.map(({ driver }) => driver)).toEqual(once.map(({ driver }) => driver));
      // Tracked, optimised and refined.
      expect([opened, closed]).toEqual([3, 3]);
    });
  });
});

it('of a long clip, few pictures are held to measure how landmarks are drawn', () => {
  const pictures = Array.from(
    { length: 1000 },
    (_, i): RgbImage => ({ width: i, height: 1, data: new Uint8Array() }),
  );
  for (const [count, middle] of [
    [1, 0],
    [7, 3],
    [8, 4],
    [1000, 384],
  ] as const) {
    const samples = new SampledPictures();
    for (const each of pictures.slice(0, count)) samples.add(each);
    expect(samples.three.map(({ width }) => width)).toEqual([0, middle, count - 1]);
  }
});
