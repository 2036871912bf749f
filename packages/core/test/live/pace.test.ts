import { expect, it } from 'vitest';
import { pace } from '../../src/live/pace';

it('takes as many steps as fit beside tracking and reading, and at least one', () => {
  const steps = pace({ budgetMs: 40, besideMs: 6, drawMs: 0, most: 10 });
  expect(steps.steps(0)).toBe(1);
  steps.note(2, 6 + 2 * 5);
  expect(steps.steps(0)).toBe(6);
  expect(steps.steps(14)).toBe(4);
  expect(steps.steps(33)).toBe(1);
  expect(steps.steps(500)).toBe(1);
});

it('takes fewer when steps become slower, and more when they become faster, up to the most', () => {
  const steps = pace({ budgetMs: 40, besideMs: 0, drawMs: 0, most: 10 });
  steps.note(4, 40);
  expect(steps.steps(0)).toBe(4);
  for (let i = 0; i < 20; i++) steps.note(4, 80);
  expect(steps.steps(0)).toBe(2);
  for (let i = 0; i < 40; i++) steps.note(2, 2);
  expect(steps.steps(0)).toBe(10);
});

it('is not thrown off by a single slow frame', () => {
  const steps = pace({ budgetMs: 40, besideMs: 0, drawMs: 0, most: 10 });
  steps.note(4, 40);
  steps.note(4, 80);
  expect(steps.steps(0)).toBe(3);
});

it('knows that frames with a single step draw a picture more', () => {
  const steps = pace({ budgetMs: 25, besideMs: 0, drawMs: 4, most: 10 });
  steps.note(1, 14);
  expect(steps.steps(0)).toBe(2);
});
