import { setTimeout } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { each } from '../src/storage/files-below';

it('of many items, 16 are worked on at a time', async () => {
  let [now, most] = [0, 0];
  const done: number[] = [];
  await each(Array(40).keys(), async (item) => {
    most = Math.max(most, ++now);
    await setTimeout();
    now--;
    done.push(item);
  });
  expect(most).toBe(16);
  expect(done.sort((a, b) => a - b)).toEqual([...Array(40).keys()]);
});

it('after a failure no more is begun, and what was begun has ended', async () => {
  let [begun, ended] = [0, 0];
  const work = each(Array(40).keys(), async (item) => {
    begun++;
    if (item === 3) throw new Error('the disk is full');
    await setTimeout();
    ended++;
  });
  await expect(work).rejects.toThrow('the disk is full');
  expect([begun, ended]).toEqual([16, 15]);
  await setTimeout();
  expect(begun).toBe(16);
});
