import { expect, it } from 'vitest';
import { networksOf } from '../../src/animate/sequence';

const run = { driver: 'clip.mp4', out: 'out.mp4' };

it.each([
  ['without a look', {}, ['generator', 'landmarkNet']],
  ['with a look', { look: 'a.png' }, ['generator', 'landmarkNet', 'landmarkModel', 'perceptual', 'encoder']],
  [
    'thorough',
    { look: 'a.png', preset: 'thorough' },
    ['generator', 'landmarkNet', 'landmarkModel', 'perceptual'],
  ],
  [
    'your generator',
    { look: 'a.png', generator: 'g' },
    ['generator', 'landmarkNet', 'landmarkModel', 'perceptual'],
  ],
] as const)('%s, a run opens only the networks that it uses', (_, flags, networks) => {
  expect(networksOf({ ...run, ...flags })).toEqual(networks);
});
