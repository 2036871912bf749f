import { expect, it } from 'vitest';
import {
  blendExpressions,
  fitClip,
  fitFace,
  projectShape,
  retarget,
  retargeted,
} from '../../src/retargeting';
import { faceShape } from '../../src/retargeting/landmark-model';
import { tinyDriver } from '../../src/testing';
import { clipOf, coefficients, model } from './bundled-model';

const driverLandmarks = clipOf(coefficients(model.identity.length, 1), 6, 0.005);
/** Every second frame of a driver; crops of 16 pixels. */
const frames = tinyDriver(6).map((frame, i) => ({
  ...frame,
  index: 2 * i,
  landmarks: driverLandmarks[i]!,
}));
const clipOfDriver = { frames, driver: frames, size: 16 };
const look = projectShape(
  faceShape(model, coefficients(model.identity.length, 2), new Float64Array(model.expression.length)),
  { rotation: [0, 0, 0], scale: 80, shift: [128, 110] },
);

const clip = await fitClip(model, driverLandmarks);
const fitted = { model, driver: clip, look: fitFace(model, look, { noise: clip.noise }), size: 16 };

it('is the retargeted clip in pixels of the crops', async () => {
  expect(await retargeted({ model }).landmarks({ ...clipOfDriver, look })).toEqual(retarget(fitted));
});

it('passes its controls on, with the neutral frame as its index in the driver', async () => {
  const controls = { gain: { mouth: 1.3 }, pose: 'look' } as const;
  const target = retargeted({ model, ...controls, neutral: 4 });
  expect(target.settings).toMatchObject({ ...controls, pose: { yaw: 0, pitch: 0, roll: 0 }, neutral: 4 });
  expect(await target.landmarks({ ...clipOfDriver, look })).toEqual(
    retarget({ ...fitted, ...controls, neutral: 2 }),
  );
  await expect(retargeted({ model, neutral: 5 }).landmarks({ ...clipOfDriver, look })).rejects.toThrow(
    /neutral must be the index of a driver frame, 0 to 10/,
  );
});

it('blends the expressions of another clip', async () => {
  const other = clipOf(coefficients(model.identity.length, 3), 4, 0.005);
  const target = retargeted({ model, blend: { frames: other, share: 0.4 } });
  const driver = blendExpressions(clip, await fitClip(model, other), 0.4);
  expect(await target.landmarks({ ...clipOfDriver, look })).toEqual(retarget({ ...fitted, driver }));
  const another = retargeted({ model, blend: { frames: other.slice(1), share: 0.4 } });
  expect(another.settings).not.toEqual(target.settings);
});

it('can be aborted while the other clip is fitted, and used again', async () => {
  const target = retargeted({ model, blend: { frames: driverLandmarks, share: 0.4 } });
  let asked = 0;
  const signal = {
    get aborted() {
      // The fit of the driver asks at least once.
      return asked++ > 0;
    },
  } as AbortSignal;
  await expect(target.landmarks({ ...clipOfDriver, look, signal })).rejects.toMatchObject({
    code: 'aborted',
  });
  expect(await target.landmarks({ ...clipOfDriver, look })).toHaveLength(frames.length);
});

it.each([1, {}, { yaw: 1, pitch: 1 }, { yaw: undefined }])(
  'pose %j has the same settings as the default, the driver',
  (pose) => {
    expect(retargeted({ model, pose }).settings).toEqual(retargeted({ model }).settings);
  },
);

it.each(['mean', 'identity', 'expression'] as const)(
  'has other settings with a model of another %s, so that a run is not resumed with it',
  (part) => {
    const { settings } = retargeted({ model });
    const copy = structuredClone(model);
    expect(retargeted({ model: copy }).settings).toEqual(settings);
    const array = part === 'mean' ? copy.mean : copy[part][0]!;
    array[0]! += 0.01;
    expect(retargeted({ model: copy }).settings).not.toEqual(settings);
  },
);

it('has no target where it does not span a face', async () => {
  const neutral = new Float64Array(model.expression.length).fill(Number.NaN);
  const targets = await retargeted({ model, neutral }).landmarks({ ...clipOfDriver, look });
  expect(targets).toEqual(frames.map(() => undefined));
});

it('takes frames without a face for missing, unless the whole shot has none', async () => {
  const hidden = (...missing: number[]) =>
    frames.map((frame, t) => ({ ...frame, found: !missing.includes(t) }));
  const some = { ...clipOfDriver, frames: hidden(2, 3), look };
  const bridged = await fitClip(
    model,
    driverLandmarks.map((landmarks, t) => (t === 2 || t === 3 ? undefined : landmarks)),
  );
  const expected = retarget({
    ...fitted,
    driver: bridged,
    look: fitFace(model, look, { noise: bridged.noise }),
  });
  expect(await retargeted({ model }).landmarks(some)).toEqual(expected);
  const none = { ...clipOfDriver, frames: hidden(0, 1, 2, 3, 4, 5), look };
  expect(await retargeted({ model }).landmarks(none)).toEqual(retarget(fitted));
});

it('takes landmarks that something hides for missing', async () => {
  const peaks = new Float32Array(68).fill(0.7).fill(0.05, 48);
  // The network still says something about the hidden mouth.
  const seen = driverLandmarks[2]!.map((value, i) => (i >= 96 ? value + 5 : value));
  const covered = frames.map((frame, t) => (t === 2 ? { ...frame, landmarks: seen, peaks } : frame));
  const bare = frames.map((frame, t) =>
    t === 2 ? { ...frame, landmarks: seen.map((value, i) => (i >= 96 ? Number.NaN : value)) } : frame,
  );
  const targetsOf = (frames: typeof covered) =>
    retargeted({ model }).landmarks({ ...clipOfDriver, frames, look });
  expect(await targetsOf(covered)).toEqual(await targetsOf(bare));
});

it('has the neutral frame only in its shot', async () => {
  const shot = { ...clipOfDriver, frames: frames.slice(0, 3), look };
  const neutral = await retargeted({ model, neutral: 8 }).landmarks(shot);
  expect(neutral).toEqual(await retargeted({ model }).landmarks(shot));
});

it('a shot may have one frame', async () => {
  const [target] = await retargeted({ model }).landmarks({
    ...clipOfDriver,
    frames: frames.slice(0, 1),
    look,
  });
  expect(target!.every(Number.isFinite)).toBe(true);
});

it.each([
  ['an unknown group', { gain: { mund: 1 } }, /^gain: a landmark group must be one of .*mund/],
  [
    'a negative gain',
    { gain: { mouth: -1 } },
    /^gain of landmark group mouth must be a finite number, 0 or more/,
  ],
  ['an unknown pose', { pose: 'both' }, /driver, look, a number from 0 to 1/],
  ['a blended clip without frames', { blend: { frames: [], share: 1 } }, /blend\.frames/],
  ['no share of a blended clip', { blend: { frames: [look] } }, /blend\.share must be a finite number, got/],
  ['no model', { model: undefined }, /model/],
])('refuses %s at once', (_, wrong, message) => {
  expect(() => retargeted({ model, ...(wrong as object) })).toThrow(message);
});
