import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { randomState } from '@faceanim/tensor';
import { deviceLost } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import type { WasmTfBackend } from '../../../tensor/src/kernels/wasm/run';
import { demoDriver, demoLook, faceanim, temporaryFolder } from '../support';
import { writeTinyGenerator } from '../tiny-generator';
import { results } from './results';

const folder = temporaryFolder();
const generator = writeTinyGenerator(join(folder, 'generator.safetensors'));
const flags = [
  ...['animate', '--driver', demoDriver, '--look', demoLook, '--generator', generator, '--limit', '4'],
  ...['--steps-look', '2', '--steps-first', '3', '--steps-next', '3', '--refine', '--fan-modules', '1'],
  ...['--align', 'none', '--align-look', 'never', '--min-score', '0', '--target', 'driver'],
  ...['--backend', 'wasm', '--quiet', '--resume'],
];

/** Lets a thread of WASM fail, as soon as it takes a part of some work. */
function breakThread(): void {
  const { threads } = (tf.backend() as unknown as WasmTfBackend).wasm;
  const unreachable = { parameters: 0, locals: [], body: [0] };
  const parts = Array(1000).fill([{ code: unreachable, values: [] }]);
  for (;;) threads!.run(parts, () => {});
}

/** Runs the command, and lets something happen before the kernel of this number. Counts all. */
async function animate(name: string, threads: number, moment = -1, happen = () => {}) {
  let kernels = 0;
  const engine = tf.engine();
  const runKernel = engine.runKernel.bind(engine);
  const spy = vi.spyOn(engine, 'runKernel').mockImplementation((...args) => {
    if (kernels++ === moment) happen();
    return runKernel(...args) as never;
  });
  try {
    const out = join(folder, name, 'out.webp');
    const result = await faceanim([...flags, '--threads', `${threads}`, '--out', out]);
    return { ...result, kernels, tensors: engine.state.numTensors };
  } finally {
    spy.mockRestore();
  }
}

const faults = [
  {
    name: 'a lost device',
    threads: 1,
    message: /The device of the wasm backend was lost: it was reset/,
    happen() {
      tf.backend().read = () => Promise.reject(deviceLost('wasm', 'it was reset'));
    },
  },
  {
    name: 'memory that is all taken',
    threads: 1,
    message: /The wasm backend has no room for a tensor/,
    happen() {
      (tf.backend() as unknown as { wasm: { _malloc: () => number } }).wasm._malloc = () => 0;
    },
  },
  {
    name: 'a thread that fails',
    threads: 2,
    message: /The device of the wasm backend was lost: a thread failed/,
    happen: breakThread,
  },
];

describe('a run that is broken again and again', { tags: ['long'] }, () => {
  let kernels: number;
  let whole: ReturnType<typeof results>;

  it('is compared with one that is not', async () => {
    const run = await animate('whole', 1);
    expect(run).toMatchObject({ code: 0, tensors: 0 });
    kernels = run.kernels;
    whole = results(join(folder, 'whole'));
    expect(Object.keys(whole)).toHaveLength(8);
  });

  it.each(faults)('by $name ends with the same bytes', async ({ name, threads, message, happen }) => {
    const random = randomState(1);
    for (let deaths = 0; deaths < 3; ) {
      const { code, stderr, tensors } = await animate(
        name,
        threads,
        Math.floor(random.randomSample() * kernels),
        happen,
      );
      expect(tensors).toBe(0);
      if (code !== 0) {
        expect(stderr).toMatch(message);
        deaths++;
        continue;
      }
      expect(results(join(folder, name))).toEqual(whole);
      rmSync(join(folder, name), { recursive: true });
    }
    expect(await animate(name, threads)).toMatchObject({ code: 0, tensors: 0 });
    expect(results(join(folder, name))).toEqual(whole);
  });
});
