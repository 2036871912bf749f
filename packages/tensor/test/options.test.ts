import { describe, expect, it } from 'vitest';
import { FaceanimError } from '../src/errors';
import {
  bagOf,
  checkOptions,
  either,
  numberFrom,
  type OptionChecks,
  oneOf,
  renamedOption,
  wholeNumberFrom,
} from '../src/options';
import { didYouMean } from '../src/options/did-you-mean';

interface Example {
  steps?: { first?: number; next?: number };
  noise?: 'const' | 'none' | { optimize: 'first-frame' };
  pace?: { rate: number } | { first: number; next: number };
  share?: number;
  limits?: { low: number; high?: number };
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
  limits: bagOf<{ low: number; high?: number }>({ low: numberFrom(0), high: numberFrom(0) }, 'low'),
};

function refusal(given: unknown): FaceanimError {
  try {
    const elsewhere = { preset: 'Spread thorough() into it.' };
    checkOptions('example', given, checks, { ignored: ['manifest'], elsewhere });
  } catch (error) {
    if (FaceanimError.isInstance(error, 'invalid-option')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

it.each<[object, RegExp, RegExp?]>([
  [{ first: -1, next: 1 }, /^pace\.first must be a number from 0/],
  [{ rate: 'x' }, /^pace\.rate must be/],
  [{ frist: 1 }, /^pace takes no option "frist"/, /Did you mean pace\.first\?/],
  [{ speed: 1 }, /^pace takes no option "speed"/, /./],
])('of several kinds of object, %j is refused as the one that it is nearest to', (pace, message, hint) => {
  const error = refusal({ pace });
  expect(error.message).toMatch(message);
  expect(error.hint ?? '').toMatch(hint ?? /^$/);
});

it('a call without its options is told which it needs', () => {
  const call = () => checkOptions('example', undefined, checks, { required: ['share', 'steps'] });
  expect(call).toThrow('The options of example must be an object with share, steps, got undefined.');
});

it('nested options can be required', () => {
  expect(refusal({ limits: { high: 2 } }).message).toBe('limits.low must be a number from 0, got undefined.');
  expect(() => checkOptions('example', { limits: { low: 1 } }, checks)).not.toThrow();
});

describe('didYouMean', () => {
  it.each([
    ['frist', ['next', 'first'], 'first'],
    ['fanModule', ['fanModules', 'folder'], 'fanModules'],
    ['WASM', ['webgpu', 'wasm'], 'wasm'],
    ['wsam', ['webgpu', 'wasm', 'webgl'], 'wasm'],
    ['cosnt', ['const', 'none'], 'const'],
    ['drivr', ['driver', 'look'], 'driver'],
    // A part of a word, which may be as near to another one.
    ['gpu', ['cuda', 'webgpu', 'cpu'], 'webgpu'],
    ['GPU', ['cpu', 'webgpu'], 'webgpu'],
    ['gpu', ['webgpu', 'tpu-gpu'], undefined],
    ['steps', ['stepsNext', 'stepsLook', 'stops'], 'stops'],
    // Words that share letters only by chance.
    ['frames', ['rate', 'steps'], undefined],
    ['speed', ['space', 'seed'], 'seed'],
    ['noise', ['nose', 'none'], 'nose'],
    ['look', ['loss'], undefined],
    ['', ['a'], undefined],
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
    [{ frames: 3 }, 'example takes no option "frames".', 'It takes steps, noise, pace, share, limits.'],
    // The message says what to pass, so there is no hint.
    [{ steps: { first: 0 } }, 'steps.first must be a whole number from 1, got 0.', undefined],
    [{ steps: 3 }, 'steps must be an object of first, next, got 3.', undefined],
    [{ share: Number.NaN }, 'share must be a number from 0 to 1, got NaN.', undefined],
    [{ noise: 7 }, "noise must be 'const', 'none' or {optimize}, got 7.", undefined],
    [{ preset: 'x' }, 'example takes no option "preset".', 'Spread thorough() into it.'],
    [{ noise: 'cosnt' }, `noise must be 'const', 'none' or {optimize}, got "cosnt".`, 'Did you mean const?'],
    [{ noise: { optimise: 1 } }, 'noise takes no option "optimise".', 'Did you mean noise.optimize?'],
    ['wasm', 'The options of example must be an object, got "wasm".', undefined],
    [null, 'The options of example must be an object, got null.', undefined],
    [Promise.resolve({}), 'The options of example must be an object, got a Promise: await it.', undefined],
  ])('refuses %j', (given, message, hint) => {
    const error = refusal(given);
    expect(error.message).toBe(message);
    expect(error.hint).toBe(hint);
  });
});

it('renamedOption names the option as the user passed it, and leaves other errors alone', () => {
  const inner = new FaceanimError('invalid-option', 'modules must be 1, got 9.', {
    file: 'a.pth',
    hint: 'Hm.',
  });
  expect(renamedOption(inner, 'modules', 'fanModules')).toMatchObject({
    ...{ code: 'invalid-option', message: 'fanModules must be 1, got 9.', file: 'a.pth', hint: 'Hm.' },
    cause: inner,
  });
  for (const other of [new FaceanimError('io', 'modules are gone.'), new Error('modules'), 'modules'])
    expect(renamedOption(other, 'modules', 'fanModules')).toBe(other);
  expect(renamedOption(inner, 'module', 'fanModules')).toBe(inner);
});

it('the error for a missing option says what to pass', () => {
  const check = (given: Example) => () => checkOptions('example', given, checks, { required: ['share'] });
  expect(check({ share: 1 })).not.toThrow();
  expect(check({ share: undefined })).toThrow('share must be a number from 0 to 1, got undefined.');
  expect(check({})).toThrow('share must be');
});
