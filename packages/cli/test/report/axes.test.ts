import { expect, it } from 'vitest';
import { numberAxis, wholeNumberAxis } from '../../src/report/axes';

const texts = (axis: { ticks: readonly { text: string }[] }) =>
  axis.ticks.map(({ text }) => text).filter((text) => text !== '');

it('spans its values from one pixel to the other', () => {
  const axis = numberAxis([3, -1, 2], [500, 100], false);
  expect([axis(-1), axis(3), axis(1)]).toEqual([500, 100, 300]);
  const log = numberAxis([0.1, 1000], [500, 100], true);
  expect(log(10)).toBeCloseTo(300);
  expect(texts(log)).toEqual(expect.arrayContaining(['0.1', '1', '10', '100', '1000']));
});

it('has only whole ticks for whole numbers, however few', () => {
  expect(texts(wholeNumberAxis([0, 3], [0, 900]))).toEqual(['0', '1', '2', '3']);
  expect(texts(wholeNumberAxis([0, 12000], [0, 600]))).toEqual([
    ...['0', '2,000', '4,000', '6,000', '8,000', '10,000', '12,000'],
  ]);
});

it.each([false, true])('has a middle for one value alone (logarithmic: %s)', (log) => {
  const axis = numberAxis([4, 4], [0, 100], log);
  expect(axis(4)).toBeCloseTo(50);
  expect(texts(axis).length).toBeGreaterThan(1);
});
