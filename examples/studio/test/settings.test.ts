import { defaultSteps, fast, mouthGroupWeights, thorough } from '@faceanim/core';
import { defaultGroupWeights } from '@faceanim/core/landmarks';
import { expect, it } from 'vitest';
import { defaults, runOptions, type Settings, stepsOf } from '../src/animate/state/settings';
import { parseSettings, settingsFile } from '../src/animate/state/settings-file';

const chosen: Settings = {
  ...{ mode: 'mouth', preset: 'thorough', pose: 0.5, effort: 0.5, every: 4, limit: 10, refine: true },
  gain: { mouth: 1.5, eyes: 0, brows: 1, jaw: 1 },
  weight: { mouth: 2, eyes: 1, brows: 1, jaw: 1 },
};

it('a settings file holds everything but pictures, and is read again', () => {
  const file = { settings: chosen, factor: 4, face: { seed: 7, factors: { age: 1.5 } } };
  expect(parseSettings(settingsFile(file))).toEqual(file);
  expect(parseSettings('{"format":"faceanim-studio-settings"}')).toMatchObject({
    settings: defaults,
    factor: 2,
  });
});

it.each([
  ['not JSON', /not a file of settings/],
  ['{"format":"another"}', /not a file of settings/],
  ['{"format":"faceanim-studio-settings","pose":"up"}', /pose in the file has to be a number from 0 to 1/],
  ['{"format":"faceanim-studio-settings","gain":{"mouth":9}}', /gain\.mouth in the file has to be a number/],
  ['{"format":"faceanim-studio-settings","mode":"ears"}', /mode in the file has to be identity or mouth/],
])('says what is wrong with %s', (text, message) => {
  expect(() => parseSettings(text)).toThrow(message);
});

it('leaves defaults to the SDK, and passes on what was changed', () => {
  expect(runOptions({ ...defaults, every: 1 })).toEqual({});
  expect(runOptions({ ...defaults, pose: 0.5, gain: { ...defaults.gain, eyes: 0 } })).toEqual({
    motion: { gain: { eyes: 0 }, pose: 0.5 },
    every: 2,
  });
  expect(runOptions(chosen)).toEqual({
    ...{ mode: 'mouth', preset: 'thorough', motion: { gain: { mouth: 1.5 } }, groups: { mouth: 8 } },
    ...{ steps: { look: 150, first: 50, next: 25 }, every: 4, read: { limit: 10 } },
  });
});

it('sets weights and steps relative to those of the SDK', () => {
  const weight = { mouth: 2, eyes: 2, brows: 2, jaw: 2 };
  const { outerLip, eyes, brows, jaw } = defaultGroupWeights;
  const ofFace = { mouth: outerLip!, eyes: eyes!, brows: brows!, jaw: jaw! };
  for (const [mode, weights] of [
    ['identity', ofFace],
    ['mouth', { ...ofFace, ...mouthGroupWeights }],
  ] as const) {
    const doubled = Object.fromEntries(Object.entries(weights).map(([part, each]) => [part, 2 * each]));
    expect(runOptions({ ...defaults, mode, weight }).groups).toEqual(doubled);
  }
  expect(stepsOf(defaults)).toEqual(defaultSteps(fast().optimizer, true));
  expect(stepsOf({ ...defaults, preset: 'thorough' })).toEqual(defaultSteps(thorough().optimizer, true));
});
