import { openBackend } from '@faceanim/backend-node';
import { getKernelsForBackend } from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { openJudge } from '../support/quality/judges';

it('the judges read a picture, and bring no backends with them, whose kernels may be registered already', async () => {
  const warn = vi.spyOn(console, 'warn');
  await using backend = await openBackend({ prefer: 'wasm' });
  await backend.activate();
  const judge = await openJudge();
  const data = Uint8Array.from({ length: 256 * 256 * 3 }, (_, i) => 128 + 100 * Math.sin(i / 5000));
  const { points, mesh, descriptor } = await judge({ width: 256, height: 256, data });
  expect([points.length, mesh.length, descriptor.length]).toEqual([2 * 68, 2 * 468, 128]);
  expect([...points, ...mesh, ...descriptor].every(Number.isFinite)).toBe(true);
  expect(getKernelsForBackend('webgl')).toEqual([]);
  expect(warn).not.toHaveBeenCalled();
});
