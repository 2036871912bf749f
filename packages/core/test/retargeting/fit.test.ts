import { describe, expect, it } from 'vitest';
import type { Landmarks } from '../../src/landmarks/measures';
import {
  type ClipFit,
  faceShape,
  fitClip,
  fitFace,
  headAngles,
  projectShape,
  type RotationVector,
} from '../../src/retargeting';
import { clipOf, coefficients, model, motionAt } from './bundled-model';

const person = coefficients(model.identity.length, 1);
const clip = clipOf(person, 20, 0.005);
const without = (landmarks: Landmarks, first: number, last: number) =>
  landmarks.map((value, i) => (i >= 2 * first && i <= 2 * last + 1 ? Number.NaN : value));
/** Largest distance between the landmarks of a fit and others, in eye distances. */
const furthest = (fit: ClipFit, t: number, truth: Landmarks) => {
  const { expression, pose } = fit.frames[t]!;
  const drawn = projectShape(faceShape(model, fit.identity, expression), pose);
  return Math.max(...drawn.map((value, i) => Math.abs(value - truth[i]!))) / pose.scale;
};

describe('fitClip', () => {
  it('finds pose and expression of every frame, and measures the noise', async () => {
    const fit = await fitClip(model, clip);
    expect(fit.noise).toBeGreaterThan(0.003);
    expect(fit.noise).toBeLessThan(0.007);
    for (const [t, { pose }] of fit.frames.entries()) {
      const { rotation } = motionAt(t);
      for (const axis of [0, 1, 2]) {
        expect(Math.abs(pose.rotation[axis]! - rotation[axis]!), `frame ${t}`).toBeLessThan(0.05);
      }
      expect(pose.scale / 80).toBeCloseTo(1, 1);
      expect(furthest(fit, t, clipOf(person, 20)[t]!)).toBeLessThan(0.03);
    }
  });

  it.each<RotationVector>([
    [0, 1.2, 0],
    [0, -1.2, 0.3],
    [0, 0, 3.1],
    [0.5, 0.5, 1.6],
  ])('finds a head that is turned far, %f %f %f', async (...rotation) => {
    const shape = faceShape(model, person, motionAt(3).expression);
    const landmarks = projectShape(shape, { rotation, scale: 60, shift: [-500, 900] });
    const [frame] = (await fitClip(model, [landmarks])).frames;
    for (const axis of [0, 1, 2]) expect(frame!.pose.rotation[axis]).toBeCloseTo(rotation[axis]!, 1);
    expect(frame!.pose.shift[0]).toBeCloseTo(-500, -1);
  });

  it('bridges frames without a face and without a mouth', async () => {
    const gaps = clip.map((frame, t) => {
      if (t === 0 || t === 9 || t === 10) return undefined;
      return t === 15 ? without(frame, 48, 67) : frame;
    });
    const fit = await fitClip(model, gaps);
    const truth = clipOf(person, 20);
    for (const t of [9, 10]) expect(furthest(fit, t, truth[t]!), `frame ${t}`).toBeLessThan(0.06);
    for (const t of [0, 15]) expect(furthest(fit, t, truth[t]!), `frame ${t}`).toBeLessThan(0.15);
    expect(fit.frames[9]!.residual.every(Number.isNaN)).toBe(true);
    expect(fit.frames[15]!.residual.filter(Number.isNaN)).toHaveLength(40);
  });

  it('is robust to an outlier', async () => {
    const spoilt = clip.map((frame, t) =>
      frame.map((value, i) => (t === 5 && i === 2 * 57 ? value + 60 : value)),
    );
    const [good, bad] = [await fitClip(model, clip), await fitClip(model, spoilt)];
    const moved = good.frames[5]!.expression.map((value, k) => value - bad.frames[5]!.expression[k]!);
    expect(Math.hypot(...moved)).toBeLessThan(0.3);
  });

  it('does not count a shaking camera as noise', async () => {
    const shaken = clip.map((frame, t) => {
      const [zoom, angle] = [1 + 0.01 * Math.sin(7 * t), 0.01 * Math.sin(5 * t)];
      const [cos, sin] = [zoom * Math.cos(angle), zoom * Math.sin(angle)];
      return frame.map((value, i) => {
        const other = frame[i ^ 1]!;
        return cos * value + (i % 2 ? sin : -sin) * other + 2 * Math.sin((i % 2 ? 3 : 11) * t);
      });
    });
    const [steady, shaking] = [await fitClip(model, clip), await fitClip(model, shaken)];
    expect(shaking.noise).toBeCloseTo(steady.noise, 3);
    const apart = steady.frames.map(({ expression }, t) =>
      Math.hypot(...expression.map((value, k) => value - shaking.frames[t]!.expression[k]!)),
    );
    expect(Math.max(...apart)).toBeLessThan(0.2);
  });

  it('keeps a known identity', async () => {
    const fit = await fitClip(model, clip.slice(0, 3), { identity: person });
    expect(fit.identity).toEqual(person);
    await expect(fitClip(model, clip, { identity: person.subarray(1) })).rejects.toThrow(
      /identity must be 30 coeff/,
    );
  });

  it('pauses, and ends when it is aborted', async () => {
    const long = clipOf(person, 200, 0.005);
    const controller = new AbortController();
    const fit = fitClip(model, long, { signal: controller.signal });
    // A timer only fires if the fit pauses.
    setTimeout(() => controller.abort());
    await expect(fit).rejects.toMatchObject({ code: 'aborted' });
  });

  it('follows a roll through half a circle and beyond', async () => {
    const shape = faceShape(model, person, new Float64Array(model.expression.length));
    const rolls = Array.from({ length: 24 }, (_, t) => 0.25 * t);
    const frames = rolls.map((roll) =>
      projectShape(shape, { rotation: [0, 0, -roll], scale: 50, shift: [0, 0] }),
    );
    const fit = await fitClip(model, frames);
    for (const [t, { pose }] of fit.frames.entries()) expect(pose.rotation[2]).toBeCloseTo(-rolls[t]!, 1);
  });

  it('refuses clips without a face', async () => {
    const nowhere = new Float64Array(136).fill(Number.NaN);
    for (const frames of [
      [],
      [undefined],
      [nowhere],
      [new Float64Array(136).fill(7)],
      [without(clip[0]!, 0, 60)],
    ]) {
      await expect(fitClip(model, frames)).rejects.toThrow(expect.objectContaining({ code: 'no-face' }));
    }
  });

  it('refuses other numbers of landmarks and other models', async () => {
    await expect(fitClip(model, [clip[0]!, clip[1]!.subarray(2)])).rejects.toThrow(
      expect.objectContaining({
        code: 'invalid-option',
        frame: 1,
        message: expect.stringContaining('68 landmarks'),
      }),
    );
    await expect(fitClip({ ...model, mean: new Float64Array(3) }, clip)).rejects.toThrow(
      /model must be a landmark model/,
    );
    await expect(fitClip(model, clip, { noise: -1 })).rejects.toThrow(/noise must be a number from 0/);
    await expect(fitClip(model, clip, JSON.parse('{ "noises": 1 }'))).rejects.toThrow(
      /takes no option "noises"/,
    );
  });
});

describe('fitFace', () => {
  const atRest = new Float64Array(model.expression.length);
  const pose = { rotation: [0, 0.1, 0], scale: 80, shift: [128, 120] } as const;

  it('keeps individual deviations from the model, but not noise', () => {
    const own = coefficients(204, 5);
    const error = (deviation: number, noise: number) => {
      const shape = faceShape(
        model,
        person,
        atRest,
        own.map((value) => deviation * value),
      );
      const fit = fitFace(model, projectShape(shape, pose), { noise });
      return Math.sqrt(fit.residual.reduce((sum, value) => sum + value ** 2, 0) / 136);
    };
    expect(error(0.05, 0.01)).toBeLessThan(0.005);
    expect(error(0.02, 0.02)).toBeGreaterThan(0.008);
  });

  it('works without some landmarks, but not without most', () => {
    const landmarks = projectShape(faceShape(model, person, atRest), pose);
    const fit = fitFace(model, without(landmarks, 0, 16));
    expect(headAngles(fit.pose.rotation).yaw).toBeCloseTo(0.1, 1);
    expect(fit.own.every(Number.isFinite)).toBe(true);
    expect(() => fitFace(model, without(landmarks, 0, 60))).toThrow(
      expect.objectContaining({ code: 'no-face' }),
    );
    expect(() => fitFace(model, new Float64Array(10))).toThrow(
      expect.objectContaining({ code: 'invalid-option' }),
    );
  });
});
