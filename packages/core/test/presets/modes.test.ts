import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { browHeight, eyeOpening, mouthOpening } from '../../src/landmarks/measures';
import { freeMode, identityMode, mouthMode } from '../../src/presets/modes';
import { faceShape, projectShape, retargeted } from '../../src/retargeting';
import { tinyDriver } from '../../src/testing';
import { clipOf, coefficients, model } from '../retargeting/bundled-model';
import { type Base, collect, driver, withNetworks } from '../sequence/support';

const networksOf = ({ landmarkNet, perceptual }: Base) => ({ landmarkNet, perceptual, landmarkModel: model });

beforeAll(() => tf.setBackend('cpu'));

it('say what is animated, whatever was given before them', async () => {
  await withNetworks(async (base) => {
    const { landmarkNet, perceptual } = base;
    const names = async (mode: Partial<Base>) => {
      const options = { ...base, losses: undefined, driver: driver(1), steps: { first: 1 }, ...mode };
      return Object.keys((await collect(options))[0]!.losses);
    };
    expect(await names(identityMode({ landmarkNet, perceptual }))).toContain('lpips');
    expect(await names(freeMode({ landmarkNet }))).toContain('fidelity');
    expect(await names({ ...freeMode({ landmarkNet }), target: undefined })).not.toContain('lpips');
  });
});

it('mouthMode moves the mouth as the driver does, and leaves eyes, brows and pose to the look', async () => {
  const landmarks = clipOf(coefficients(model.identity.length, 1), 8);
  const frames = tinyDriver(8).map((frame, i) => ({ ...frame, landmarks: landmarks[i]! }));
  const look = projectShape(
    faceShape(model, coefficients(model.identity.length, 2), new Float64Array(model.expression.length)),
    { rotation: [0, 0, 0], scale: 80, shift: [128, 110] },
  );
  const clip = { frames, driver: frames, size: 16, look };
  await withNetworks(async (base) => {
    const { target } = mouthMode(networksOf(base));
    if (target === 'driver') throw new Error('no target');
    const range = (
      targets: readonly (Float64Array | undefined)[],
      measure: (points: Float64Array) => number,
    ) => {
      const values = targets.map((points) => measure(points!));
      return Math.max(...values) - Math.min(...values);
    };
    const mouth = (await target.landmarks(clip)) as Float64Array[];
    const all = (await retargeted({ model, pose: 'look' }).landmarks(clip)) as Float64Array[];
    expect(range(mouth, mouthOpening) / range(all, mouthOpening)).toBeCloseTo(1, 1);
    for (const measure of [eyeOpening, browHeight]) {
      expect(range(all, measure)).toBeGreaterThan(0.01);
      expect(range(mouth, measure)).toBeLessThan(1e-9);
    }
    const wide = mouthMode(networksOf(base), { gain: { mouth: 1.5 } }).target;
    expect(wide).toMatchObject({ settings: { gain: { mouth: 1.5, eyes: 0 } } });
    const undecided = mouthMode(networksOf(base), {
      gain: { eyes: undefined },
      groups: { mouth: undefined },
    });
    expect(undecided.target).toEqual({ ...target, landmarks: expect.any(Function) });
    const { settings } = undecided.losses.find(({ name }) => name === 'landmarks')!;
    expect(settings).toMatchObject({ groups: { mouth: 4 } });
  });
});

it('mouthMode needs a landmark model', async () => {
  await withNetworks(async (base) => {
    const { landmarkModel: _, ...networks } = networksOf(base);
    expect(() => mouthMode(networks as never)).toThrow(/landmarkModel/);
  });
});
