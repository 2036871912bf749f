import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { reportWebglFaults } from '../src/runtimes/webgl-faults';

/** What is patched of tfjs' backend; reads wait until they are answered. */
function fakeBackend() {
  const canvas = new EventTarget();
  const answers: ((values: Float32Array) => void)[] = [];
  let lost = false;
  const backend = {
    gpgpu: {
      gl: { canvas, OUT_OF_MEMORY: 1285, isContextLost: () => lost, getError: () => 0 },
      itemsToPoll: [],
    },
    runWebGLProgram: () => {},
    uploadToGPU: () => {},
    read: () => new Promise<Float32Array>((resolve) => answers.push(resolve)),
  } as unknown as tf.KernelBackend;
  const lose = () => {
    lost = true;
    canvas.dispatchEvent(new Event('webglcontextlost'));
  };
  reportWebglFaults(backend);
  return { backend, lose, answer: (values: Float32Array) => answers.shift()!(values) };
}

it('ends all reads of a lost context, and every later one', async () => {
  const { backend, lose } = fakeBackend();
  const reads = [backend.read({}), backend.read({})];
  lose();
  for (const read of [...reads, backend.read({})])
    await expect(read).rejects.toMatchObject({ code: 'device-lost' });
});

it('holds no values that were read', async () => {
  const { backend, answer } = fakeBackend();
  const readOnce = async () => {
    const reading = backend.read({});
    answer(new Float32Array(1));
    return new WeakRef(await reading);
  };
  const values = await readOnce();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // Values that were just awaited live until the next turn.
  await new Promise((resolve) => setTimeout(resolve));
  collect();
  expect(values.deref()).toBeUndefined();
  expect(backend).toBeDefined();
});
