import { pause } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { latestFirst } from '../../src/live/latest-first';

/** A stream to which items are added while it is read. */
function queue<T>() {
  const items: T[] = [];
  let ended = false;
  return {
    /** Adds items, and waits until they have been read. */
    async push(...added: T[]) {
      items.push(...added);
      while (items.length > 0) await pause();
      await pause();
    },
    end: () => {
      ended = true;
    },
    async *read() {
      while (!ended || items.length > 0) {
        if (items.length > 0) yield items.shift()!;
        else await pause();
      }
    },
  };
}

it('gives the newest item when it is asked for, and counts those that it drops', async () => {
  const camera = queue<number>();
  using items = latestFirst(camera.read());
  const seen: [number, number][] = [];
  const next = async () => {
    await items.ready();
    const { item, dropped } = items.take()!;
    seen.push([item, dropped]);
  };
  void camera.push(1);
  await next();
  expect(items.take()).toBeUndefined();
  await camera.push(2, 3, 4);
  await next();
  void camera.push(5);
  await next();
  camera.end();
  await items.ready();
  expect(items.take()).toBeUndefined();
  expect(seen).toEqual([
    [1, 0],
    [4, 2],
    [5, 0],
  ]);
});

it('has the last item of a stream, also after it has ended', async () => {
  using items = latestFirst([1, 2, 3]);
  await items.ready();
  for (let i = 0; i < 5; i++) await pause();
  expect(items.take()).toMatchObject({ item: 3, dropped: 2 });
});

it('passes on the error of the stream, after its last item', async () => {
  const broken = async function* () {
    yield 1;
    throw new Error('unplugged');
  };
  using items = latestFirst(broken());
  await items.ready();
  for (let i = 0; i < 3; i++) await pause();
  await items.ready();
  expect(items.take()).toMatchObject({ item: 1 });
  await expect(items.ready()).rejects.toThrow('unplugged');
});

it('can be aborted while it waits for an item', async () => {
  const controller = new AbortController();
  const camera = queue<number>();
  using items = latestFirst(camera.read(), controller.signal);
  const waiting = items.ready();
  setTimeout(() => controller.abort());
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  camera.end();
});

it('closes a stream at once, also one that has stalled, and nobody waits on', async () => {
  let closed = false;
  const stalled: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: async () => {
        closed = true;
        throw new Error('of no interest');
      },
    }),
  };
  const items = latestFirst(stalled);
  const waiting = items.ready();
  items[Symbol.dispose]();
  expect(closed).toBe(true);
  await waiting;
  expect(items.take()).toBeUndefined();
});

it('does not close a stream that has ended', async () => {
  let returned = false;
  const short: AsyncIterable<number> = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: true, value: undefined }),
      return: async () => {
        returned = true;
        return { done: true, value: undefined };
      },
    }),
  };
  const items = latestFirst(short);
  await items.ready();
  items[Symbol.dispose]();
  expect(returned).toBe(false);
});
