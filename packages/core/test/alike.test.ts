import { expect, it } from 'vitest';
import { alike, withKey } from '../src/alike';

const made = (settings: Record<string, unknown>) => withKey([made], { settings });

it.each<[string, unknown, unknown, boolean]>([
  ['numbers in a list', [1, { x: Number.NaN }], [1, { x: Number.NaN }], true],
  ['other numbers', [1, { x: 2 }], [1, { x: 3 }], false],
  ['maps, whose entries cannot be seen', new Map([[1, 2]]), new Map([[1, 3]]), false],
  ['functions', () => 1, () => 1, false],
])('terms with settings of %s', (_, a, b, expected) => {
  expect(alike(made({ a }), made({ a: b }))).toBe(expected);
  expect(alike(made({ a }), made({ a }))).toBe(true);
});

it('copies are not alike', () => {
  const one = made({});
  expect(alike(one, { ...one })).toBe(false);
});
