import { expect, it } from 'vitest';
import { agreement } from '../../src/animate/follow';

it('measures how a result follows', () => {
  const { correlation, slope } = agreement([0.1, 0.2, 0.3], [0.1, 0.15, 0.2]);
  expect(correlation).toBeCloseTo(1);
  expect(slope).toBeCloseTo(0.5);
});

it('says why it cannot be measured, and never gives NaN', () => {
  expect(agreement([0.1, 0.3], [0.1, 0.2])).toEqual({
    target: 0.2,
    result: expect.closeTo(0.15),
    unknown: 'few frames',
  });
  expect(agreement([0.1, 0.1, 0.1], [0.1, 0.2, 0.3])).toMatchObject({ unknown: 'target at rest' });
  // The jitter of a still face's landmarks does not count either.
  expect(agreement([0.1, 0.101, 0.1], [0.1, 0.2, 0.3])).not.toHaveProperty('correlation');
  expect(agreement([0.1, 0.2, 0.3], [0.2, 0.2, 0.2])).toMatchObject({
    correlation: 0,
    slope: expect.closeTo(0),
  });
});
