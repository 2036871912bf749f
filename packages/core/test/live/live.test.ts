import { type Backend, pause } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, expect, it, vi } from 'vitest';
import { eachBackendWithLongCpu } from '../../../tensor/test/support/backends';
import type { Encoder } from '../../src/contracts/encoder';
import type { RgbImage } from '../../src/contracts/image';
import { openLive } from '../../src/live/open-live';
import type { LiveFrame, LiveOptions } from '../../src/live/options';
import { heatmaps, type LossTerm, landmarks, pixel, prior, smooth } from '../../src/losses';
import type { Optimizer } from '../../src/optimizers/optimizer';
import { quasiNewton } from '../../src/optimizers/quasi-newton';
import { paintedFaceNet, paintFace } from '../landmarks/painted-face';
import { locate } from '../landmarks/tracking-support';
import { model } from '../retargeting/bundled-model';
import { maxDifference, recordingBackend, withNetworks } from '../sequence/support';

/** A picture of the driver: a face at x, or none. */
const at = (x: number | undefined): RgbImage => {
  const known = painted.get(x) ?? paintFace(160, 120, x === undefined ? undefined : [x - 20, 60]);
  painted.set(x, known);
  return known;
};
const painted = new Map<number | undefined, RgbImage>();

/** Finds faces that have the shape of the landmark model: it is fitted to them in no time. */
const net = paintedFaceNet(
  Array.from({ length: 68 }, (_, i) => [32 * model.mean[3 * i]!, -32 * model.mean[3 * i + 1]! - 10]),
);
const look = paintFace(64, 64, [32, 32]);

/** Runs with tiny networks and painted faces. */
async function withLive<T>(
  options: Partial<LiveOptions>,
  run: (live: Awaited<ReturnType<typeof openLive>>) => Promise<T>,
): Promise<T> {
  return withNetworks(async ({ generator, perceptual }) => {
    using live = await openLive({
      ...{ generator, perceptual, landmarkNet: net, look },
      statistics: { samples: 30 },
      losses: [prior()],
      steps: { look: 2, most: 4 },
      tracking: { locate },
      ...options,
    });
    return await run(live);
  });
}

/** Moves all coordinates by 0.01 in every step, whatever the losses are. */
const marching: Optimizer = {
  specificationVersion: 'v1',
  name: 'marching',
  settings: {},
  steps: { first: 2, next: 3 },
  init: () => ({}),
  step: ({ params }) => ({ params: { coordinates: tf.add(params.coordinates!, 0.01) }, state: {} }),
};

/** The guesses of an encoder for the look while a session opens; that for the look as a driver is cached. */
const warmUpGuesses = 1;

afterEach(() => {
  vi.restoreAllMocks();
});

eachBackendWithLongCpu(() => {
  it('animates the look after pictures as they come, and leaks nothing', async () => {
    const before = tf.memory().numTensors;
    await withLive({ losses: [landmarks({ net }), smooth(), prior()], budgetMs: 0 }, async (live) => {
      const counts = new Set<number>();
      const frames: LiveFrame[] = [];
      for (const x of [100, 103, 106, 109]) {
        frames.push(await live.next(at(x)));
        counts.add(tf.memory().numTensors);
      }
      expect(frames.map(({ index, found, dropped }) => [index, found, dropped])).toEqual(
        [0, 1, 2, 3].map((index) => [index, true, 0]),
      );
      for (const { image, latent, steps, latencyMs, trackMs } of frames) {
        expect([image.width, image.height, image.data.length]).toEqual([16, 16, 16 * 16 * 3]);
        expect(latent.data).toHaveLength(latent.numWs * latent.wDim);
        expect(steps).toBeGreaterThanOrEqual(1);
        expect(latencyMs).toBeGreaterThanOrEqual(trackMs);
      }
      expect(maxDifference(frames[3]!.latent.data, frames[0]!.latent.data)).toBeGreaterThan(0);
      expect(counts.size).toBe(1);
    });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('draws the latent that it returns', async () => {
    await withNetworks(async ({ generator }) => {
      await withLive({}, async (live) => {
        const { latent, image } = await live.next(at(100));
        const drawn = tf.tidy(() =>
          generator.synthesis(tf.tensor3d(latent.data, [1, latent.numWs, latent.wDim])),
        );
        const expected = Uint8ClampedArray.from(await drawn.data(), (value) => (value + 1) * 127.5);
        drawn.dispose();
        expect(Math.max(...expected.map((value, i) => Math.abs(value - image.data[i]!)))).toBeLessThanOrEqual(
          1,
        );
      });
    });
  });

  it.each([
    ['draws nothing but what its steps look at', 3, 3],
    ['draws what a single step has changed', 1, 2],
  ])('%s', async (_, steps, times) => {
    await withNetworks(async ({ generator }) => {
      let drawn = 0;
      const counted: typeof generator = {
        ...generator,
        synthesis: (...inputs) => {
          drawn++;
          return generator.synthesis(...inputs);
        },
      };
      const options = { budgetMs: steps > 1 ? 1e9 : 0, steps: { look: 1, most: steps } };
      await withLive({ generator: counted, losses: [pixel()], ...options }, async (live) => {
        await live.next(at(100));
        drawn = 0;
        expect((await live.next(at(101))).steps).toBe(steps);
        expect(drawn).toBe(times);
      });
    });
  });

  it('starts at the look, then at the frame before, and at the look again after a lost face', async () => {
    // The guess for the look is 0, that for the driver grows from call to call.
    let calls = 0;
    const encoder: Encoder = {
      specificationVersion: 'v1',
      wDim: 6,
      encode: () => new Float32Array(6).fill(0.1 * Math.max(0, calls++ - warmUpGuesses)),
    };
    const options = { encoder, optimizer: marching, budgetMs: 0, steps: { look: 1 } };
    await withLive(options, async (live) => {
      const frames: LiveFrame[] = [];
      for (const x of [100, 102, undefined, 104]) frames.push(await live.next(at(x)));
      expect(frames.map(({ found, steps }) => [found, steps])).toEqual([
        [true, 1],
        [true, 1],
        [false, 0],
        [true, 1],
      ]);
      expect(frames[2]!.image).toEqual(frames[1]!.image);
      expect(frames[2]!.latent).toEqual(frames[1]!.latent);
      const moved = frames.map(({ latent }) => latent.data[0]! - live.look.data[0]!);
      const step = moved[0]! - 0.1;
      expect(Math.abs(step)).toBeGreaterThan(1e-4);
      expect(moved[1]).toBeCloseTo(0.2 + 2 * step, 4);
      expect(moved[3]).toBeCloseTo(0.3 + step, 4);
    });
  });

  it('keeps to its time budget: takes fewer steps as they become slower, and one if none fits', async () => {
    let [now, stepMs] = [0, 5];
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const slow: LossTerm = {
      ...prior(),
      value: (...inputs) => {
        now += stepMs;
        return prior().value(...inputs);
      },
    };
    await withLive(
      { losses: [slow], optimizer: marching, budgetMs: 22, steps: { look: 1, most: 4 } },
      async (live) => {
        const frames: LiveFrame[] = [];
        for (const ms of [2, 5, 10, 10, 10, 10, 10, 10, 50, 50]) {
          stepMs = ms;
          frames.push(await live.next(at(100)));
        }
        const steps = frames.map((frame) => frame.steps);
        // As measured on the look at first, 5 ms a step; then by the running mean.
        expect(steps[0]).toBe(4);
        expect(steps[7]).toBe(2);
        expect(steps.at(-1)).toBe(1);
        expect(frames.map(({ latencyMs }) => latencyMs)).toEqual(
          steps.map((count, i) => count * [2, 5, 10, 10, 10, 10, 10, 10, 50, 50][i]!),
        );
      },
    );
  });

  it('takes the newest picture, and counts those that it drops', async () => {
    const pictures: RgbImage[] = [at(100)];
    const camera = async function* () {
      for (;;) {
        while (pictures.length > 0) yield pictures.shift()!;
        await pause();
      }
    };
    await withLive({ budgetMs: 0 }, async (live) => {
      const seen: [number, number][] = [];
      for await (const { index, dropped } of live.animate(camera())) {
        seen.push([index, dropped]);
        if (seen.length === 2) break;
        pictures.push(at(101), at(102), at(103));
        while (pictures.length > 0) await pause();
        await pause();
      }
      expect(seen).toEqual([
        [0, 0],
        [3, 2],
      ]);
    });
  });

  it.each([
    [
      'on a GPU, finds the face in the next picture while it waits for a result',
      true,
      'take 0, take 1, show 0, show 1',
    ],
    ['on a CPU, which would only be later with a result, does not', false, 'take 0, show 0, take 1, show 1'],
  ])('%s', async (_, gpu, order) => {
    const events: string[] = [];
    const camera = [0, 1].map((i) => ({
      get image() {
        if (events.at(-1) !== `take ${i}`) events.push(`take ${i}`);
        return at(100 + i);
      },
    }));
    const slowly = async function* () {
      for (const picture of camera) {
        yield picture;
        while (!events.includes('take 0')) await pause();
      }
    };
    const backend = { ...recordingBackend(() => {}), capabilities: { gpu } };
    await withLive({ backend, budgetMs: 0 }, async (live) => {
      for await (const { index, latencyMs, trackMs } of live.animate(slowly())) {
        events.push(`show ${index}`);
        expect(latencyMs).toBeGreaterThanOrEqual(trackMs);
      }
    });
    expect(events.join(', ')).toBe(order);
  });

  it('ends an animation that waits for a picture when it is disposed', async () => {
    const stalled = { [Symbol.asyncIterator]: () => ({ next: () => new Promise<never>(() => {}) }) };
    await withLive({ budgetMs: 0 }, async (live) => {
      const waiting = live.animate(stalled).next();
      await pause();
      live[Symbol.dispose]();
      await expect(waiting).rejects.toMatchObject({ code: 'invalid-option', message: /is disposed/ });
    });
  });

  it('can be disposed while an animation is at work, which finishes its picture', async () => {
    const backend = { ...recordingBackend(() => {}), capabilities: { gpu: true } };
    await withLive({ backend, budgetMs: 0 }, async (live) => {
      const animation = live.animate([at(100), at(101)]);
      const first = animation.next();
      await pause();
      live[Symbol.dispose]();
      expect((await first).value).toMatchObject({ index: 0, found: true });
      await expect(animation.next()).rejects.toMatchObject({ code: 'invalid-option' });
    });
  });

  it('takes frames of a video as well, and shows the look until there is a face', async () => {
    await withLive({ budgetMs: 0 }, async (live) => {
      const picture = { index: 7, image: at(undefined) } as { image: RgbImage };
      const { found, steps, latent, image } = await live.next(picture);
      expect([found, steps]).toEqual([false, 0]);
      expect(maxDifference(latent.data, live.look.data)).toBeLessThan(1e-5);
      // As a worker sends it to its page, whereupon it is empty here.
      const sent = structuredClone(image, { transfer: [image.data.buffer] });
      expect((await live.next(picture)).image, 'the look is held').toEqual(sent);
    });
  });

  it('can be aborted, and goes on afterwards', async () => {
    let watch = () => {};
    const term: LossTerm = {
      ...prior(),
      value: (...inputs) => {
        watch();
        return prior().value(...inputs);
      },
    };
    await withLive({ losses: [term], budgetMs: 1e9, optimizer: marching }, async (live) => {
      const before = tf.memory().numTensors;
      const controller = new AbortController();
      watch = () => controller.abort();
      const { signal } = controller;
      await expect(live.next(at(100), { signal })).rejects.toMatchObject({ code: 'aborted', frame: 0 });
      await expect(live.next(at(100), { signal })).rejects.toMatchObject({ code: 'aborted' });
      await expect(live.animate([at(100)], { signal }).next()).rejects.toMatchObject({ code: 'aborted' });
      watch = () => {};
      expect(await live.next(at(100))).toMatchObject({ found: true, index: 1 });
      expect(tf.memory().numTensors).toBe(before);
    });
    const controller = new AbortController();
    controller.abort();
    const never = withLive({ signal: controller.signal }, async () => {});
    await expect(never).rejects.toMatchObject({ code: 'aborted' });
  });

  it('takes one picture at a time, and none after it was disposed; a picture under way is finished first', async () => {
    await withLive({ budgetMs: 0 }, async (live) => {
      const first = live.next(at(100));
      await expect(live.next(at(100))).rejects.toThrow(/at work on another picture/);
      live[Symbol.dispose]();
      expect((await first).found).toBe(true);
      await expect(live.next(at(100))).rejects.toThrow(/is disposed/);
    });
  });

  it('prepares targets in a program, to the same latents as without', async () => {
    const posed: unknown[] = [];
    const posing: LossTerm = {
      ...pixel(),
      prepare: (frame) => {
        posed.push(frame.lookFace?.posed?.shape);
        return pixel().prepare!(frame);
      },
    };
    const losses = [posing, landmarks({ net }), heatmaps({ net, scales: 2 }), smooth(), prior()];
    const latents = async (terms: LossTerm[]) => {
      const programs: string[][] = [];
      const backend = recordingBackend((inputs) => programs.push(Object.keys(inputs)));
      const options = { backend, losses: terms, landmarkModel: model, budgetMs: 0, optimizer: quasiNewton() };
      return await withLive(options, async (live) => {
        const found: number[][] = [];
        for (const x of [100, 104]) found.push([...(await live.next(at(x))).latent.data]);
        return { found, recorded: programs.some((inputs) => inputs.includes('pose')) };
      });
    };
    const recorded = await latents(losses);
    expect(posed.slice(-2)).toEqual([
      [1, 16, 16, 3],
      [1, 16, 16, 3],
    ]);
    const plain = await latents(losses.map((term) => ({ ...term, preparesTargets: false })));
    expect([recorded.recorded, plain.recorded]).toEqual([true, false]);
    expect(recorded.found).toEqual(plain.found);
    expect(recorded.found[1]).not.toEqual(recorded.found[0]);
  });

  it('runs on the backend it is given, and takes the landmarks of the driver as they are if asked to', async () => {
    const activate = vi.fn(async () => {});
    const backend = { ...recordingBackend(() => {}), activate } satisfies Backend;
    const losses = [landmarks({ net }), prior()];
    await withLive({ backend, losses, landmarkModel: model, target: 'driver', budgetMs: 0 }, async (live) => {
      const opened = activate.mock.calls.length;
      await live.next(at(100));
      expect(activate.mock.calls.length).toBeGreaterThan(opened);
    });
  });
});

it.each<[string, Partial<LiveOptions>, RegExp]>([
  ['a budget below 0', { budgetMs: -1 }, /^budgetMs must be a number from 0/],
  ['no steps', { steps: { most: 0 } }, /^steps.most must be a whole number/],
  ['a driver', { driver: [] } as object, /^openLive takes no option "driver"\.$/],
  ['a target without its model', { target: 'retargeted' }, /needs a landmark model/],
  [
    'smoothing of what has no effect',
    { landmarkModel: model, tracking: { smoothing: {} } },
    /^tracking.smoothing applies to the target 'driver' only/,
  ],
  ['a gain of an unknown group', { gain: { nose: 1 } as never }, /^gain: a landmark group must be one of/],
  ['a look that is not square', { look: paintFace(20, 10, undefined) }, /square/],
])('refuses %s', async (_, wrong, message) => {
  await expect(withLive(wrong, async () => {})).rejects.toThrow(
    expect.objectContaining({ code: 'invalid-option', message: expect.stringMatching(message) }),
  );
});

it('names the look if it shows no face', async () => {
  const run = withLive({ tracking: { locate, minScore: 0.9 } }, async () => {});
  await expect(run).rejects.toMatchObject({ code: 'no-face' });
});

it('refuses options of a motion that is not put on the look', async () => {
  await withNetworks(async ({ generator, perceptual, look }) => {
    const options = { generator, perceptual, landmarkNet: net, look: look! };
    for (const motion of [{ gain: { mouth: 2 } }, { pose: 'look' as const }, { lag: 1 }]) {
      await expect(openLive({ ...options, ...motion })).rejects.toMatchObject({
        code: 'invalid-option',
        message: `${Object.keys(motion)[0]} does not apply to the target 'driver'.`,
      });
    }
  });
});
