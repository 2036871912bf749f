import { describe, expect, it } from 'vitest';
import { browHeight, eyeOpening, normalizedMeanError, outerEyeDistance } from '../../src/landmarks/measures';
import {
  blendExpressions,
  faceShape,
  fitClip,
  fitFace,
  liveFit,
  projectShape,
  retarget,
} from '../../src/retargeting';
import { aligned, clipOf, coefficients, model, motionAt } from './bundled-model';

const [driverPerson, lookPerson] = [
  coefficients(model.identity.length, 1),
  coefficients(model.identity.length, 2),
];
const atRest = new Float64Array(model.expression.length);
const lookRotation = [0.05, 0.2, 0.1] as const;
const landmarksOfLook = projectShape(faceShape(model, lookPerson, atRest), {
  rotation: lookRotation,
  scale: 90,
  shift: [128, 110],
});
const driver = await fitClip(model, clipOf(driverPerson, 30, 0.005));
const look = fitFace(model, landmarksOfLook, { noise: driver.noise });
const truth = clipOf(lookPerson, 30).map(aligned);
const meanError = (targets: Float64Array[], expected = truth) =>
  targets.reduce((sum, target, t) => sum + normalizedMeanError(target, expected[t]!), 0) / targets.length;
const range = (targets: Float64Array[], measure: (landmarks: Float64Array) => number) => {
  const values = targets.map(measure);
  return Math.max(...values) - Math.min(...values);
};

/** Unlike `mouthOpening` negative where the lips overlap, as random expressions have them. */
const lipGap = (landmarks: Float64Array) =>
  (landmarks[2 * 66 + 1]! - landmarks[2 * 62 + 1]!) / outerEyeDistance(landmarks);

describe('retarget', () => {
  it('transfers the driver’s motion to the look’s face', () => {
    const targets = retarget({ model, driver, look });
    expect(meanError(targets)).toBeLessThan(0.02);
    expect(meanError(clipOf(driverPerson, 30).map(aligned))).toBeGreaterThan(0.05);
  });

  it('returns fractions of the picture with size 1', () => {
    const [pixels, fractions] = [256, 1].map((size) => retarget({ model, driver, look, size }));
    expect(fractions![7]![20]).toBeCloseTo(pixels![7]![20]! / 256, 10);
  });

  it('exaggerates a group and leaves others unchanged', () => {
    const neutral = 0;
    const plain = retarget({ model, driver, look, neutral, pose: 'look' });
    const wide = retarget({ model, driver, look, neutral, pose: 'look', gain: { mouth: 1.5 } });
    expect(range(wide, lipGap) / range(plain, lipGap)).toBeCloseTo(1.5, 1);
    expect(range(wide, browHeight) / range(plain, browHeight)).toBeCloseTo(1, 1);
    const still = retarget({ model, driver, look, gain: { eyes: 0 }, pose: 'look' });
    expect(range(still, eyeOpening)).toBeLessThan(1e-9);
  });

  it('leaves groups with a gain of 0 as they are in the look, also without a neutral frame', () => {
    const smiling = projectShape(faceShape(model, lookPerson, coefficients(model.expression.length, 5)), {
      ...{ rotation: lookRotation, scale: 90, shift: [128, 110] },
    });
    const face = fitFace(model, smiling, { noise: driver.noise });
    const gain = { jaw: 0, brows: 0, noseBridge: 0, lowerNose: 0, eyes: 0, mouth: 0 };
    for (const target of retarget({ model, driver, look: face, gain, pose: 'look' })) {
      expect(normalizedMeanError(target, aligned(smiling))).toBeLessThan(0.01);
    }
    const half = retarget({ model, driver, look: face, gain: { mouth: 0.5 }, pose: 'look' });
    const whole = retarget({ model, driver, look: face, pose: 'look' });
    expect(range(half, lipGap) / range(whole, lipGap)).toBeCloseTo(0.5, 1);
  });

  it('turns the head by a share of the driver’s pose', () => {
    const still = retarget({ model, driver, look, pose: 'look' });
    const motion = (targets: Float64Array[]) => range(targets, (landmarks) => landmarks[2 * 30]!);
    expect(motion(retarget({ model, driver, look, pose: 0 }))).toBe(motion(still));
    const [half, whole] = [0.5, 1].map((pose) => motion(retarget({ model, driver, look, pose })));
    expect(motion(still)).toBeLessThan(0.2 * whole!);
    expect(half! / whole!).toBeCloseTo(0.5, 1);
    expect(motion(retarget({ model, driver, look, pose: { yaw: 0 } }))).toBeLessThan(0.3 * whole!);
    expect(retarget({ model, driver, look, pose: 'driver' })).toEqual(retarget({ model, driver, look }));
  });

  it('starts from the look’s expression at the neutral frame of the driver', () => {
    const [first] = retarget({ model, driver, look, neutral: 0, pose: 'look' });
    expect(normalizedMeanError(first!, aligned(landmarksOfLook))).toBeLessThan(0.01);
    const byExpression = retarget({
      model,
      driver,
      look,
      neutral: driver.frames[0]!.expression,
      pose: 'look',
    });
    expect(byExpression[0]).toEqual(first);
  });

  it('tolerates missing landmarks', async () => {
    const frames = clipOf(driverPerson, 30, 0.005).map((frame, t) => {
      if (t === 4) return undefined;
      return t === 8 ? frame.map((value, i) => (i >= 96 ? Number.NaN : value)) : frame;
    });
    const targets = retarget({ model, driver: await fitClip(model, frames), look });
    expect(targets.flatMap((target) => [...target]).every(Number.isFinite)).toBe(true);
    expect(meanError(targets)).toBeLessThan(0.02);
  });

  it('accepts a single frame', () => {
    const [target] = retarget({ model, driver: { frames: [driver.frames[12]!] }, look });
    expect(normalizedMeanError(target!, truth[12]!)).toBeLessThan(0.03);
  });

  it.each<[string, object, RegExp]>([
    ['a neutral frame beyond the end', { neutral: 30 }, /neutral must be a frame from 0 to 29, got 30/],
    [
      'a neutral expression of another model',
      { neutral: new Float64Array(3) },
      /neutral must be 16 coefficients/,
    ],
    ['a share above 1', { pose: 1.5 }, /pose must be driver, look/],
    ['a share of an angle above 1', { pose: { yaw: 2 } }, /pose\.yaw must be a number from 0 to 1/],
    ['an unknown group', { gain: { lips: 2 } }, /landmark group must be one of .*mouth/],
    ['a negative gain', { gain: { mouth: -1 } }, /group mouth must be a finite number/],
    ['size 0', { size: 0 }, /size must be a positive number/],
    ['a driver without frames', { driver: { frames: [] } }, /driver must be a clip/],
    ['a clip as a look', { look: driver }, /look must be a face fitted by fitFace/],
    ['a face of another model', { look: { ...look, identity: new Float64Array(3) } }, /a face of this model/],
    ['an unknown option', { looks: look }, /Did you mean look/],
  ])('refuses %s', (_, wrong, message) => {
    const given = { model, driver, look, ...wrong } as unknown as Parameters<typeof retarget>[0];
    const thrown = errorOf(() => retarget(given));
    expect(thrown).toMatchObject({ code: 'invalid-option' });
    expect(`${thrown.message} ${thrown.hint}`).toMatch(message);
  });
});

const calm = await fitClip(model, [clipOf(lookPerson, 1)[0]!]);

describe('blendExpressions', () => {
  it('mixes expressions, and holds the last one of a shorter clip', () => {
    const half = blendExpressions(driver, calm, 0.5);
    const [own, other] = [driver.frames[20]!.expression, calm.frames[0]!.expression];
    expect(half.frames[20]!.expression[3]).toBeCloseTo((own[3]! + other[3]!) / 2, 12);
    expect(half.frames[20]!.pose).toBe(driver.frames[20]!.pose);
    expect(blendExpressions(driver, calm, (t) => (t < 20 ? 0 : 1)).frames[19]!.expression).toEqual(
      driver.frames[19]!.expression,
    );
  });

  it('refuses clips that do not match', () => {
    expect(() => blendExpressions(driver, { ...calm, frames: [] }, 1)).toThrow(/a clip with frames/);
    expect(() => blendExpressions(driver, calm, Number.NaN)).toThrow(/share must be a finite number/);
  });
});

const liveFrames = clipOf(driverPerson, 60, 0.005);
const all = await fitClip(model, liveFrames);

describe('liveFit', () => {
  const whole = retarget({ model, driver: all, look });
  const run = (lag: number) => {
    const live = liveFit(model, { lag });
    return liveFrames.map((frame) => live.push(frame));
  };

  // Measured: 0.4 % of the outer eye distance without lag, 0.2 % two frames late.
  it.each([
    [0, 0.008],
    [2, 0.005],
  ])('comes near the fit of the whole clip, %d frames late', (lag, tolerance) => {
    const fits = run(lag);
    expect(fits.slice(0, lag)).toEqual(Array(lag).fill(undefined));
    const targets = fits
      .slice(lag)
      .map((frame) => retarget({ model, driver: { frames: [frame!] }, look })[0]!);
    const afterASecond = targets.slice(25);
    expect(meanError(afterASecond, whole.slice(25, 25 + afterASecond.length))).toBeLessThan(tolerance);
  });

  it('fixes the identity after the warm-up', () => {
    const live = liveFit(model, { warmUp: 10 });
    const identities = liveFrames.slice(0, 30).map((frame) => {
      live.push(frame);
      return live.identity;
    });
    expect(new Set(identities.slice(9)).size).toBe(1);
    expect(new Set(identities).size).toBeGreaterThan(3);
  });

  it('waits for a face, and continues without one', () => {
    const live = liveFit(model, { lag: 0 });
    expect(live.push(undefined)).toBeUndefined();
    expect(live.identity).toBeUndefined();
    for (const frame of liveFrames.slice(0, 20)) expect(live.push(frame)).toBeDefined();
    const held = live.push(undefined)!;
    const truth = motionAt(20).rotation;
    for (const axis of [0, 1, 2]) expect(held.pose.rotation[axis]).toBeCloseTo(truth[axis]!, 1);
    for (let t = 0; t < 30; t++) expect(() => live.push(undefined)).not.toThrow();
    expect(live.push(liveFrames[20])).toBeDefined();
  });

  it('refuses options out of range', () => {
    expect(() => liveFit(model, { lag: 11 })).toThrow(/lag must be a whole number from 0 to 10/);
    expect(() => liveFit(model).push(new Float64Array(10))).toThrow(/68 landmarks/);
  });
});

function errorOf(call: () => unknown): { message: string; hint?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
