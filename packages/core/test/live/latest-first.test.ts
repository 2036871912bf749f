import { pause } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { latestFirst } from '../../src/live/latest-first';

/** A stream to which items are added while it is read. */
function queue<T>() {
  const items: T[] = [];
  let ended = false;
  let closed = false;
  return {
    get closed() {
      return closed;
    },
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
      try {
        while (!ended || items.length > 0) {
          if (items.length > 0) yield items.shift()!;
          else await pause();
        }
      } finally {
        closed = true;
      }
    },
  };
}

it('yields the newest item when the consumer is ready, and counts those that it drops', async () => {
  const camera = queue<number>();
  void camera.push(1);
  const seen: [number, number][] = [];
  for await (const { item, dropped } of latestFirst(camera.read())) {
    seen.push([item, dropped]);
    if (item === 1) await camera.push(2, 3, 4);
    else if (item === 4) await camera.push(5);
    else camera.end();
  }
  expect(seen).toEqual([
    [1, 0],
    [4, 2],
    [5, 0],
  ]);
});

it('ends with the last item of the stream, also after it has ended', async () => {
  const seen: number[] = [];
  for await (const { item } of latestFirst([1, 2, 3])) {
    seen.push(item);
    for (let i = 0; i < 5; i++) await pause();
  }
  expect(seen).toEqual([1, 3]);
});

it('passes on the error of the stream', async () => {
  const broken = async function* () {
    yield 1;
    throw new Error('unplugged');
  };
  const items = latestFirst(broken());
  expect((await items.next()).value).toMatchObject({ item: 1 });
  await expect(items.next()).rejects.toThrow('unplugged');
});

it('can be aborted while it waits for an item', async () => {
  const controller = new AbortController();
  const camera = queue<number>();
  const waiting = latestFirst(camera.read(), controller.signal).next();
  setTimeout(() => controller.abort());
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' });
  camera.end();
});

it('closes the stream when the consumer leaves', async () => {
  const camera = queue<number>();
  void camera.push(1);
  for await (const _ of latestFirst(camera.read())) break;
  await camera.push(2);
  await pause();
  expect(camera.closed).toBe(true);
});
