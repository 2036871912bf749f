import {
  type AlignedFrame,
  type ImageTensor,
  imageToTensor,
  type ProjectSequenceOptions,
  projectSequence,
  type SequenceFrame,
} from '@faceanim/core';
import {
  heatmaps,
  imageHeatmaps,
  type LossTerm,
  landmarks,
  needsLook,
  pixel,
  smooth,
  targetHeatmaps,
} from '@faceanim/core/losses';
import { tinyDriver, tinyLandmarkNet, tinyNetworks } from '@faceanim/core/testing';
import { randomState } from '@faceanim/tensor';
import { countLeaks } from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { eachBackend } from '../../../tensor/test/support/backends';
import { recordingBackend } from '../sequence/support';

/** A frozen network that nothing in the package knows of. */
interface FaceDescriptor extends Disposable {
  /** Pictures of 16 pixels to unit vectors `[N, 8]`. */
  describe(image: ImageTensor<'signed'>): tf.Tensor2D;
}

function faceDescriptor(): FaceDescriptor {
  const values = Float32Array.from(randomState(4).randn(16 * 16 * 3 * 8));
  const matrix = tf.tensor2d(values, [16 * 16 * 3, 8]);
  return {
    describe: (image) =>
      tf.tidy(() => {
        const vectors = tf.matMul<tf.Tensor2D>(tf.reshape(image, [image.shape[0], -1]), matrix);
        return tf.div(vectors, tf.norm(vectors, 2, 1, true));
      }),
    [Symbol.dispose]: () => matrix.dispose(),
  };
}

function driverImages(drivers: readonly AlignedFrame[]): ImageTensor<'signed'> {
  const images = drivers.map(({ image }) => image);
  return imageToTensor(images, 'signed');
}

/** Cosine distance to the look, or to the driver frame, as the descriptor sees them. */
function identity(net: FaceDescriptor, to: 'look' | 'driver'): LossTerm<tf.Tensor2D> {
  return {
    specificationVersion: 'v1',
    name: `identity of the ${to}`,
    weight: 1,
    ...(to === 'look'
      ? { check: needsLook('identity'), prepareForRun: ({ look }) => net.describe(look!) }
      : { prepare: ({ drivers }) => net.describe(driverImages(drivers)) }),
    value: ({ image, memo }, target) => {
      const result = memo([net, 'descriptor'], () => net.describe(image()));
      return tf.sub(1, tf.sum(tf.mul(result, target), 1));
    },
  };
}

const brightness = (wanted: number): LossTerm => ({
  specificationVersion: 'v1',
  name: 'brightness',
  weight: 1,
  value: ({ image }) => tf.squaredDifference(tf.mean(image(), [1, 2, 3]), wanted),
});

/** A short run with custom terms only. */
async function run(
  losses: readonly LossTerm[],
  options: Partial<ProjectSequenceOptions> = {},
): Promise<SequenceFrame[]> {
  using networks = tinyNetworks();
  const frames: SequenceFrame[] = [];
  for await (const frame of projectSequence({
    generator: networks.generator,
    driver: tinyDriver(3),
    look: tinyDriver(9)[8]!.image,
    losses,
    steps: { look: 0, first: 12, next: 8 },
    statistics: { samples: 300 },
    ...options,
  }))
    frames.push(frame);
  return frames;
}

const fallen = ({ losses, history }: SequenceFrame) => losses.total! / history[0]!.total;

eachBackend(() => {
  it('a term with its own network is one file: it follows look and driver, and leaks nothing', async () => {
    const leaked = await countLeaks(async () => {
      using net = faceDescriptor();
      const frames = await run([identity(net, 'look'), identity(net, 'driver')]);
      expect(Object.keys(frames[0]!.losses)).toEqual([
        'identity of the look',
        'identity of the driver',
        'total',
      ]);
      for (const frame of frames) expect(fallen(frame)).toBeLessThan(0.9);
    });
    expect(leaked).toBe(0);
  });

  it('a plain term is one function', async () => {
    const leaked = await countLeaks(async () => {
      const [frame] = await run([brightness(0.1)]);
      expect(fallen(frame!)).toBeLessThan(0.8);
    });
    expect(leaked).toBe(0);
  });

  it('terms may tidy, share and return their inputs', async () => {
    const leaked = await countLeaks(async () => {
      const first: LossTerm = {
        ...pixel(),
        name: 'first',
        value: ({ image, look, memo }) =>
          tf.tidy(() => {
            const target = memo(['target'], () => look!);
            return tf.mean(tf.squaredDifference(image(), target), [1, 2, 3]);
          }),
      };
      const second: LossTerm<tf.Tensor> = {
        specificationVersion: 'v1',
        name: 'second',
        weight: 1,
        prepare: ({ look }) => look!,
        value: ({ image }, look) => tf.mean(tf.squaredDifference(image(), look), [1, 2, 3]),
      };
      const frames = await run([first, second, pixel()]);
      for (const { losses } of frames) {
        expect(losses.first).toBeCloseTo(losses.pixel!, 5);
        expect(losses.second).toBeCloseTo(losses.pixel!, 5);
      }
    });
    expect(leaked).toBe(0);
  });

  it('a recorded step gets tensors prepared for the frame as inputs', async () => {
    using net = faceDescriptor();
    const terms = [identity(net, 'driver'), smooth()];
    const programs: string[][] = [];
    const backend = recordingBackend((inputs) => programs.push(Object.keys(inputs)));
    const whole = await run(terms, { backend });
    // One for frame 0, and one for all later frames.
    expect(programs).toHaveLength(2);
    for (const inputs of programs) expect(inputs).toContain('frame/prepared/identity of the driver');
    // Frame 2 alone has a program recorded for it, and comes to the same.
    const resumed = await run(terms, { backend, resume: whole.slice(0, 2) });
    expect(programs).toHaveLength(3);
    expect(resumed[2]!.coordinates).toEqual(whole[2]!.coordinates);
  });
});

it('what is prepared for the run sees nothing of its first frame', async () => {
  await tf.setBackend('wasm');
  const seen: string[][] = [];
  const constant: LossTerm<tf.Tensor> = {
    specificationVersion: 'v1',
    name: 'brightness',
    weight: 1,
    prepareForRun: (run) => {
      seen.push(Object.keys(run).sort());
      return tf.scalar(0.1);
    },
    value: ({ image }, wanted) => tf.squaredDifference(tf.mean(image(), [1, 2, 3]), wanted as tf.Scalar),
  };
  await run([constant]);
  expect(seen).toEqual([['look', 'mean', 'memo']]);
});

it('shared tensors are computed once per step, and driver heat maps once per frame', async () => {
  await tf.setBackend('wasm');
  using tiny = tinyLandmarkNet();
  const counted = { driver: 0, image: 0, other: 0 };
  const input =
    (name: 'image' | 'other') => (image: ImageTensor<'signed'>, _: unknown, of: 'driver' | 'result') => {
      counted[of === 'driver' ? 'driver' : name]++;
      return image as unknown as ImageTensor<'unit'>;
    };
  const [shared, other] = [input('image'), input('other')];
  const third: LossTerm<tf.Tensor4D> = {
    specificationVersion: 'v1',
    name: 'third',
    weight: 1,
    prepare: (frame) => targetHeatmaps(frame, { net: tiny, input: shared }),
    value: (step, target) =>
      tf.mean(tf.squaredDifference(imageHeatmaps(step, { net: tiny, input: shared }), target), [1, 2, 3]),
  };
  const view = { net: tiny, input: shared };
  const evaluations = { steps: { look: 0, first: 4, next: 4 }, earlyStopping: false } as const;
  await run([landmarks(view), heatmaps(view), third], evaluations);
  expect(counted).toEqual({ driver: 3, image: 12, other: 0 });
  // Another input of the same network is another key.
  await run([landmarks(view), heatmaps({ net: tiny, input: other })], evaluations);
  expect(counted).toEqual({ driver: 9, image: 24, other: 12 });
});
