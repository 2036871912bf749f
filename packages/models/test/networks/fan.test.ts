import { readFileSync } from 'node:fs';
import type { LandmarkNet } from '@faceanim/core';
import { decodeHeatmaps } from '@faceanim/core/landmarks';
import { asImageTensor, type ImageTensor, type Weights } from '@faceanim/tensor';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eachBackendWithLongCpu } from '../../../tensor/test/support/backends';
import { maxRelative, relativeL2 } from '../../../tensor/test/support/compare';
import { Fixture, toNchw, toNhwc } from '../../../tensor/test/support/fixtures';
import { listFixtures, missingShared } from '../../../tensor/test/support/shared';
import { openCheckpoint } from '../../src/checkpoints';
import { createLandmarkNet } from '../../src/landmarks/load-landmark-net';

const fixtures = listFixtures('fan', /\.safetensors$/, ['.json']).flatMap((path) => {
  const stem = path.replace(/\.safetensors$/, '');
  const name = stem.split(/[\\/]/).at(-1)!;
  // The same weights exist in several containers; any of them will do.
  const weights = listFixtures('fan', /\.(pth|zip|tar)$/).find((file) => file.startsWith(`${stem}.`));
  if (!weights) return [];
  const json = JSON.parse(readFileSync(`${stem}.json`, 'utf8')) as {
    center: [number, number];
    scale: number;
  };
  return [{ name, weights, json, fixture: new Fixture(path) }];
});

describe.skipIf(fixtures.length === 0)(fixtures.length ? 'FAN against face-alignment' : missingShared, () => {
  describe.each(fixtures)('decoding the heat maps of $name', ({ fixture }) => {
    const cases = [
      ['preds', 'scores', [...fixture.tensors.keys()].find((key) => /^heatmap\.\d+$/.test(key)), 1],
      ['edge.preds', 'edge.scores', 'edge.heatmaps.u8', 255],
    ] as const;
    for (const [preds, scores, name, divisor] of cases) {
      it.runIf(name && fixture.has(name))(`${preds} are exact`, () => {
        const { shape, data } = fixture.host(name!);
        const [points, size] = shape.slice(1) as [number, number];
        const channelsLast = new Float32Array(data.length);
        for (let p = 0; p < points; p++) {
          for (let i = 0; i < size * size; i++)
            channelsLast[i * points + p] = data[p * size * size + i]! / divisor;
        }
        const decoded = decodeHeatmaps(channelsLast, { points, size });
        expect([...decoded.points]).toEqual([...fixture.data(preds)]);
        expect([...decoded.scores]).toEqual([...fixture.data(scores)]);
      });
    }
  });

  it.each(fixtures.filter(({ fixture }) => fixture.has('preds_orig')))(
    'landmarks of $name in the picture are exact',
    ({ fixture, json }) => {
      const points = decodedToPicture(fixture.data('preds'), { ...json, size: 64 });
      expect([...points]).toEqual([...fixture.data('preds_orig')]);
    },
  );

  eachBackendWithLongCpu(() => {
    for (const { name, fixture, weights: path } of fixtures) {
      describe(name, () => {
        let weights: Weights;
        let fan: LandmarkNet;
        beforeAll(async () => {
          await using checkpoint = await openCheckpoint(path);
          weights = await checkpoint.read();
          fan = createLandmarkNet(weights, { file: path });
        });
        afterAll(() => fan[Symbol.dispose]());

        const stored = [...fixture.tensors.keys()].flatMap((key) => {
          const match = /^heatmap\.(\d+)(?:\.every(\d+))?$/.exec(key);
          return match ? [{ key, module: Number(match[1]), every: Number(match[2] ?? 1) }] : [];
        });
        it.each(stored)('$key, without the modules after it', async ({ key, module, every }) => {
          const first = createLandmarkNet(weights, { modules: module + 1 });
          const image = unitImage(fixture);
          const maps = tf.tidy(() => {
            const all = toNchw(first.heatmaps(image));
            return tf.stridedSlice(all, [0, 0, 0, 0], all.shape, [1, every, 1, 1]);
          });
          expect(await maxRelative(maps, fixture.data(key))).toBeLessThan(1e-4);
          tf.dispose([image, maps]);
          first[Symbol.dispose]();
        });

        it('gradient with respect to the image', async () => {
          const image = unitImage(fixture);
          const probe = probeOf(fixture);
          const loss = (x: tf.Tensor) => tf.sum(tf.mul(fan.heatmaps(x as ImageTensor<'unit'>), probe));
          const grad = tf.tidy(() => everyFourth(tf.grad(loss)(image) as tf.Tensor4D));
          expect(await relativeL2(grad, fixture.data('grad.input.sub4'))).toBeLessThan(1e-2);
          tf.dispose([image, probe, grad]);
        });

        it('landmarks decoded from the heat maps', async () => {
          const image = unitImage(fixture);
          const maps = fan.heatmaps(image);
          const { points } = decodeHeatmaps((await maps.data()) as Float32Array, { points: 68, size: 64 });
          const truth = fixture.data('preds');
          // Peaks could tie within the tolerance of the heat maps; none of these do.
          expect(await maxRelative(points, truth)).toBe(0);
          tf.dispose([image, maps]);
        });
      });
    }
  });
});

function unitImage(fixture: Fixture): ImageTensor<'unit'> {
  return tf.tidy(() => asImageTensor(tf.div(fixture.image('input.u8'), 255), 'unit'));
}

/** The outer product of three ±1 vectors, NHWC. */
function probeOf(fixture: Fixture): tf.Tensor4D {
  const [c, y, x] = ['c', 'y', 'x'].map((axis) => fixture.data(`probe.${axis}`)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  return tf.tidy(() =>
    toNhwc(
      tf.mul(
        tf.mul(tf.reshape(c, [1, -1, 1, 1]), tf.reshape(y, [1, 1, -1, 1])),
        tf.reshape(x, [1, 1, 1, -1]),
      ) as tf.Tensor4D,
    ),
  );
}

function everyFourth(grad: tf.Tensor4D): tf.Tensor {
  return toNchw(tf.stridedSlice(grad, [0, 0, 0, 0], grad.shape, [1, 4, 4, 1]) as tf.Tensor4D);
}

/**
 * Maps landmarks from heat-map cells to the picture that face-alignment cut the face out of, a square of `200 · scale`
 * pixels around `center`. Truncates to integers, as its `transform_np` does.
 */
function decodedToPicture(
  points: ArrayLike<number>,
  { center, scale, size }: { center: readonly [x: number, y: number]; scale: number; size: number },
): Float64Array {
  const side = 200 * scale;
  // Adding 0 turns -0 into 0.
  return Float64Array.from(
    points,
    (value, i) => Math.trunc((value / size - 0.5) * side + center[i % 2]!) + 0,
  );
}
