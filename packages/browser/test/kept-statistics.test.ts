import { openBackend } from '@faceanim/backend-node';
import type { Backend, Generator, ProgressEvent } from '@faceanim/core';
import { tinyGenerator } from '@faceanim/core/testing';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { statisticsOf } from '../src/worker/kept-statistics';
import type { WorkerModels } from '../src/worker/models';

let backend: Backend;
beforeAll(async () => {
  backend = await openBackend({ prefer: 'js' });
  await backend.activate();
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** Cache Storage in memory. */
function stubCaches(): Map<string, Response> {
  const entries = new Map<string, Response>();
  const cache = {
    matchAll: async () => [...entries.values()].map((response) => response.clone()),
    put: async (key: string, response: Response) => entries.set(key, response),
  };
  vi.stubGlobal('caches', { open: async () => cache });
  return entries;
}

/** Statistics of a generator, and whether they were computed. */
async function ask(generator: Generator, statistics: WorkerModels['statistics'] = { samples: 300 }) {
  const events: ProgressEvent[] = [];
  const hooks = { onProgress: (event: ProgressEvent) => events.push(event) };
  const result = await statisticsOf({ generator, backend, statistics } as WorkerModels, hooks);
  return { result, computed: events.length > 0 };
}

it('computes the statistics of a generator once, and tells generators and samples apart', async () => {
  const entries = stubCaches();
  using generator = tinyGenerator();
  using other = tinyGenerator(7);
  const first = await ask(generator);
  expect(first.computed).toBe(true);
  expect(first.result).toMatchObject({ wDim: 6, sampled: { samples: 300, seed: 123 } });
  expect(await ask(generator)).toEqual({ result: first.result, computed: false });

  const ofOther = await ask(other);
  expect(ofOther.computed).toBe(true);
  expect(ofOther.result).not.toEqual(first.result);
  expect((await ask(generator, { samples: 200 })).computed).toBe(true);
  expect(await ask(other)).toEqual({ result: ofOther.result, computed: false });
  expect(entries.size).toBe(3);
});

it('computes none where they are given, and each time where the storage fails', async () => {
  using generator = tinyGenerator();
  const { result, computed } = await ask(generator);
  expect(computed, 'without Cache Storage').toBe(true);
  expect(await ask(generator, result)).toEqual({ result, computed: false });

  const entries = stubCaches();
  await ask(generator);
  for (const [key, { headers }] of entries) entries.set(key, new Response('cut off', { headers }));
  expect(await ask(generator), 'a damaged entry').toEqual({ result, computed: true });
  vi.stubGlobal('caches', { open: () => Promise.reject(new DOMException('no', 'SecurityError')) });
  expect(await ask(generator)).toEqual({ result, computed: true });
});
