import { describe, expect, it } from 'vitest';
import { didYouMean } from '../src/did-you-mean';
import { FaceanimError } from '../src/errors';
import {
  bagOf,
  checkOptions,
  either,
  numberFrom,
  type OptionChecks,
  oneOf,
  wholeNumberFrom,
} from '../src/options';

interface Example {
  steps?: { first?: number; next?: number };
  noise?: 'const' | 'none' | { optimize: 'first-frame' };
  pace?: { rate: number } | { first: number; next: number };
  share?: number;
}

const checks: OptionChecks<Example> = {
  steps: bagOf({ first: wholeNumberFrom(1), next: wholeNumberFrom(1) }),
  noise: either(
    "'const', 'none' or {optimize}",
    oneOf('const', 'none'),
    bagOf({ optimize: oneOf('first-frame') }),
  ),
  pace: either(
    '{rate} or {first, next}',
    bagOf({ rate: numberFrom(0) }),
    bagOf({ first: numberFrom(0), next: numberFrom(0) }),
  ),
  share: numberFrom(0, 1),
};

function refusal(given: unknown): FaceanimError {
  try {
    checkOptions('example', given, checks, { ignored: ['manifest'] });
  } catch (error) {
    if (FaceanimError.isInstance(error, 'invalid-option')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

it.each<[object, RegExp, RegExp]>([
  [{ first: -1, next: 1 }, /^pace\.first must be a number from 0/, /./],
  [{ rate: 'x' }, /^pace\.rate must be/, /./],
  [{ frist: 1 }, /^pace takes no option "frist"/, /Did you mean pace\.first\?/],
  [{ speed: 1 }, /^pace takes no option "speed"/, /./],
])('of several kinds of object, %j is refused as the one that it is nearest to', (pace, message, hint) => {
  const error = refusal({ pace });
  expect(error.message).toMatch(message);
  expect(error.hint).toMatch(hint);
});

describe('didYouMean', () => {
  it.each([
    ['frist', ['next', 'first'], 'first'],
    ['fanModule', ['fanModules', 'folder'], 'fanModules'],
    ['WASM', ['webgpu', 'wasm'], 'wasm'],
    ['wsam', ['webgpu', 'wasm', 'webgl'], 'wasm'],
    ['backend', ['prefer', 'allowSoftware'], undefined],
    ['x', ['y'], undefined],
  ])('%s among %j: %s', (word, known, meant) => {
    expect(didYouMean(word, known)).toBe(meant);
  });
});

describe('checkOptions', () => {
  it.each([
    [{}],
    [{ steps: { first: 1, next: undefined }, noise: 'none', share: 0.5 }],
    [{ noise: { optimize: 'first-frame' }, share: undefined, manifest: 'of a pack' }],
  ])('takes %j', (given) => {
    expect(() => checkOptions('example', given, checks, { ignored: ['manifest'] })).not.toThrow();
  });

  it.each([
    [{ setps: {} }, 'example takes no option "setps".', 'Did you mean steps?'],
    [{ steps: { frist: 3 } }, 'steps takes no option "frist".', 'Did you mean steps.first?'],
    [{ frames: 3 }, 'example takes no option "frames".', 'It takes steps, noise, pace, share.'],
    [{ steps: { first: 0 } }, 'steps.first must be a whole number from 1, got 0.', /./],
    [{ steps: 3 }, 'steps must be an object of first, next, got 3.', /./],
    [{ share: Number.NaN }, 'share must be a number from 0 to 1, got NaN.', /./],
    [{ noise: 'cosnt' }, `noise must be 'const', 'none' or {optimize}, got "cosnt".`, 'Did you mean const?'],
    [{ noise: { optimise: 1 } }, 'noise takes no option "optimise".', 'Did you mean noise.optimize?'],
    ['wasm', 'The options of example must be an object, got "wasm".', /./],
    [null, 'The options of example must be an object, got null.', /./],
  ])('refuses %j', (given, message, hint) => {
    const error = refusal(given);
    expect(error.message).toBe(message);
    expect(error.hint).toMatch(hint);
  });
});
