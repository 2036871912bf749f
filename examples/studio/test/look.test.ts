import { signal } from '@preact/signals';
import { afterEach, expect, it, vi } from 'vitest';
import { engine } from '../src/engine/engine';
import { look, readyLook } from '../src/look/look';
import { StudioError } from '../src/ui/problem';

const prepareLook = vi.hoisted(() => vi.fn());
vi.mock('../src/engine/engine', () => ({
  engine: signal({ phase: 'opening' }),
  projector: async () => ({ prepareLook }),
}));

afterEach(() => {
  look.value = undefined;
});

it('says in words of the studio that there is no face to animate', async () => {
  await expect(readyLook()).rejects.toThrow(StudioError);
});

it('waits for the search for a face that takes the place of another when the engine is ready', async () => {
  const prepared = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
  prepareLook.mockImplementationOnce(
    ({ signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  );
  prepareLook.mockResolvedValueOnce(prepared);
  look.value = { name: 'A face', source: new Blob(), address: '', warnings: [] };
  const ready = readyLook();
  await expect.poll(() => prepareLook.mock.calls.length).toBe(1);
  engine.value = { phase: 'ready', projector: {} } as typeof engine.value;
  expect((await ready).prepared).toBe(prepared);
});
