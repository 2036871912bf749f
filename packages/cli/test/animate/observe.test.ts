import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { RgbImage, SequenceFrame } from '@faceanim/core';
import { tinyLandmarkNet } from '@faceanim/core/testing';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, expect, it } from 'vitest';
import '../../../../tools/quiet-tfjs';
import { Observer } from '../../src/animate/observe';
import { moments } from '../../src/animate/timing';

beforeAll(() => tf.setBackend('cpu'));

/** The tests use every second frame of a driver with two a second. */
const clock = { fps: 2, first: 0 };

/** Passes a run through an observer: for each frame a driver's picture and two images, each made anew. */
async function observe(observer: Observer, count: number, made: (image: RgbImage) => void = () => {}) {
  const picture = (): RgbImage => {
    const image = { width: 8, height: 8, data: new Uint8Array(192).fill(7) };
    made(image);
    return image;
  };
  async function* frames() {
    for (let index = 0; index < count; index++) {
      const driver = { index: 2 * index, alignedLandmarks: new Float64Array(136), image: picture() };
      yield { index, driver } as unknown as SequenceFrame;
    }
  }
  async function* images() {
    for await (const _ of observer.drivers(frames())) for (let i = 0; i < 2; i++) yield picture();
  }
  const drawn = moments({ count: undefined, fps: 1 }, { subframes: 2 });
  for await (const _ of observer.results(images(), drawn));
}

it('keeps landmarks of all frames and the pictures of a dozen', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  using net = tinyLandmarkNet();
  const pictures: WeakRef<RgbImage>[] = [];
  const observer = new Observer(net, clock);
  await observe(observer, 100, (image) => pictures.push(new WeakRef(image)));
  expect(pictures).toHaveLength(300);
  expect(observer.landmarks).toHaveLength(100);
  await new Promise((resolve) => setTimeout(resolve));
  collectGarbage();
  const alive = pictures.filter((each) => each.deref() !== undefined);
  expect(alive.length).toBeGreaterThan(0);
  expect(alive.length).toBeLessThanOrEqual(24);
  expect(observer.sheet.frames.length).toBe(7);
});

it('goes on when the landmark network fails, and keeps the first error', async () => {
  using net = tinyLandmarkNet();
  let calls = 0;
  const broken = {
    ...net,
    heatmaps: () => {
      throw new Error(`call ${++calls}`);
    },
  };
  const before = tf.memory().numTensors;
  const observer = new Observer(broken, clock, 3);
  await observe(observer, 3);
  expect(observer.failure).toEqual(new Error('call 1'));
  expect(observer.sheet.frames).toHaveLength(3);
  expect(tf.memory().numTensors).toBe(before);
});

it('finds the result of a driver frame between two moments at the later one', async () => {
  using net = tinyLandmarkNet();
  const observer = new Observer(net, { ...clock, times: [0.1, 0.6, 1.1, 1.6, 2.1, 2.6] }, 3);
  await observe(observer, 3);
  expect(observer.landmarks).toHaveLength(3);
});

it('adds steps, history and time of both passes of a refined frame', async () => {
  using net = tinyLandmarkNet();
  const started = performance.now();
  const observer = new Observer(net, clock, 2);
  const picture = { width: 8, height: 8, data: new Uint8Array(192) };
  const driver = { index: 0, alignedLandmarks: new Float64Array(136), image: picture };
  const pass = (index: number, total: number, steps: number, settings = {}) =>
    ({
      index,
      steps,
      history: [{ step: 0, total }],
      driver,
      origin: { settings },
    }) as unknown as SequenceFrame;
  const first = [pass(0, 9, 3), pass(1, 8, 2)];
  for (const frame of first) {
    await new Promise((resolve) => setTimeout(resolve, 15));
    observer.firstPass(frame);
  }
  async function* refined() {
    // The first frame of a shot stays as it is.
    yield first[0]!;
    yield pass(1, 5, 4, { 'refine.window': 2 });
  }
  for await (const _ of observer.drivers(refined()));
  const { frames } = observer;
  const elapsed = (performance.now() - started) / 1000;
  expect(frames.map(({ steps }) => steps)).toEqual([3, 6]);
  expect(frames[0]!.history).toEqual([{ step: 0, total: 9 }]);
  expect(frames[1]!.history).toEqual([
    { step: 0, total: 8 },
    { step: 2, total: 5 },
  ]);
  for (const { seconds } of frames) expect(seconds).toBeGreaterThan(0.01);
  expect(frames[0]!.seconds + frames[1]!.seconds).toBeLessThanOrEqual(elapsed);
});
