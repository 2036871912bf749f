import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { FrozenConv } from '@faceanim/tensor';
import { openWasmBackend, type ThreadPlatform } from '@faceanim/tensor/backends';
import * as tfjs from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, vi } from 'vitest';
import { gradientSelfTest } from '../../tensor/src/backends/self-test';
import { SharedHeap } from '../../tensor/src/backends/wasm/threads/heap';
import { ThreadPool } from '../../tensor/src/backends/wasm/threads/pool';
import { leakyRelu } from '../../tensor/src/ops/leaky-relu';
import { scaleChannels } from '../../tensor/src/ops/scale-channels';
import { openBackend } from '../src/open-backend';
import { nodeThreads } from '../src/runtimes/wasm-threads';

/** The platform, with a list of the workers that it has started. */
function watchedThreads() {
  const workers: Worker[] = [];
  const platform: ThreadPlatform<Worker> = {
    ...nodeThreads,
    startWorker(script) {
      const worker = nodeThreads.startWorker(script);
      workers.push(worker);
      return worker;
    },
  };
  return { workers, platform };
}

/** What a program of some operations computes, by kernels that share work. */
async function compute(): Promise<Float32Array[]> {
  const shape = [24, 16, 3, 3];
  const data = Float32Array.from({ length: 24 * 16 * 9 }, (_, i) => Math.cos(i));
  using tiled = new FrozenConv({ shape, data }, { padding: 1 });
  using direct = new FrozenConv({ shape, data }, { stride: 2 });
  const results = tf.tidy(() => {
    const x: tf.Tensor4D = tf.reshape(tf.sin(tf.range(0, 64 * 64 * 16)), [1, 64, 64, 16]);
    const y = tiled.apply(x);
    return [y, direct.apply(x), leakyRelu(y), tf.sum(scaleChannels(y, tf.fill([1, 24], 0.2)))];
  });
  const values = await Promise.all(results.map((result) => result.data<'float32'>()));
  tf.dispose(results);
  return values;
}

/** Lets time pass so many times as fast on this thread. */
function fasterClock(times: number) {
  const { now } = performance;
  const wait = Atomics.wait as (...args: unknown[]) => ReturnType<typeof Atomics.wait>;
  return [
    vi.spyOn(performance, 'now').mockImplementation(() => times * now.call(performance)),
    vi
      .spyOn(Atomics, 'wait')
      .mockImplementation((...[array, index, value, ms]: unknown[]) =>
        wait(array, index, value, Number(ms) / times),
      ),
  ];
}

describe('threads of the WASM backend', () => {
  it('compute what one thread computes', async () => {
    const values: Float32Array[][] = [];
    for (const threads of [1, 3]) {
      await using backend = await openBackend({ prefer: 'wasm', threads });
      expect(backend.capabilities.threads).toBe(threads);
      expect(backend.description).toBe(`WASM (SIMD, ${threads} thread${threads > 1 ? 's' : ''})`);
      values.push(await compute());
    }
    expect(values[1]).toEqual(values[0]);
  });

  it('keep no process running, and end when the last holder closes the backend', async () => {
    const { workers, platform } = watchedThreads();
    const unref = vi.spyOn(Worker.prototype, 'unref');
    const open = () => openWasmBackend({ tfjs, threads: 2, platform });
    const [first, second] = await Promise.all([open(), open()]);
    expect(workers).toHaveLength(1);
    expect(unref).toHaveBeenCalledTimes(1);
    await first[Symbol.asyncDispose]();
    await second.activate();
    await compute();
    const exited = once(workers[0]!, 'exit');
    await second[Symbol.asyncDispose]();
    await exited;
  });

  it('read and write memory that has grown', async () => {
    await using _backend = await openBackend({ prefer: 'wasm', threads: 2 });
    const large = tf.fill([40_000_000], 0.5);
    const last = tf.slice(large, 39_999_990, 10);
    expect(await last.data()).toEqual(new Float32Array(10).fill(0.5));
    const written = tf.tensor1d([1, 2, 3]);
    expect(await written.data()).toEqual(new Float32Array([1, 2, 3]));
    tf.dispose([large, last, written]);
  });

  it('end when the program has run out of memory', async () => {
    const { workers, platform } = watchedThreads();
    const backend = await openWasmBackend({ tfjs, threads: 2, platform });
    await backend.activate();
    const exited = once(workers[0]!, 'exit');
    expect(() => tf.fill([2 ** 30 - 1], 1)).toThrow(expect.objectContaining({ code: 'out-of-memory' }));
    await backend[Symbol.asyncDispose]();
    await exited;
  });

  it.each([true, false])(
    'end the operation with an error when one fails in it (may wait: %s)',
    async (mayWait) => {
      const platform: ThreadPlatform<Worker> = {
        ...nodeThreads,
        mayWait,
        startWorker: (script) => nodeThreads.startWorker(script.replaceAll('functions.get(', 'missing(')),
      };
      const failed = {
        code: 'device-lost',
        message: expect.stringContaining('a thread failed: ReferenceError: missing'),
      };
      await using backend = await openWasmBackend({ tfjs, threads: 2, platform });
      await backend.activate();
      // Until it takes a part.
      const computeOn = async () => {
        for (;;) await compute();
      };
      await expect(computeOn()).rejects.toMatchObject(failed);
      await expect(compute()).rejects.toMatchObject(failed);
      await using again = await openWasmBackend({ tfjs, threads: 2, platform: nodeThreads });
      await again.activate();
      await compute();
    },
  );

  it.each([true, false])(
    'end the operation with an error when one ends in it without a word (may wait: %s)',
    async (mayWait) => {
      const platform: ThreadPlatform<Worker> = {
        ...nodeThreads,
        mayWait,
        startWorker: (script) =>
          nodeThreads.startWorker(script.replace('functionAt(words', 'process.exit(), functionAt(words')),
      };
      await using backend = await openWasmBackend({ tfjs, threads: 3, platform });
      await backend.activate();
      const spies = fasterClock(200);
      const computeOn = async () => {
        for (;;) await compute();
      };
      const lost = {
        code: 'device-lost',
        message: expect.stringMatching(/has not finished its work for \d+ s/),
      };
      await expect(computeOn()).rejects.toMatchObject(lost);
      for (const spy of spies) spy.mockRestore();
      await using again = await openWasmBackend({ tfjs, threads: 2, platform: nodeThreads });
      await again.activate();
      await compute();
    },
  );

  it.each([
    [0, 59, true],
    [0, 65, false],
    [10, 190, true],
    [10, 205, false],
  ])(
    'after %i s of the calling one, may take %i s more for their part: %s',
    async (ownSeconds, seconds, mayTake) => {
      const heap = new SharedHeap();
      const [started, mayEnd] = [0, 1];
      const signals = new Int32Array(heap.memory.buffer, 0, 2);
      const part = `
        const signals = new Int32Array(memory.buffer, 0, 2);
        Atomics.store(signals, ${started}, 1);
        Atomics.wait(signals, ${mayEnd}, 0);
        for (let at =`;
      const startWorker = (script: string) => nodeThreads.startWorker(script.replace('for (let at =', part));
      const lost: Error[] = [];
      const pool = await ThreadPool.start({
        ...{ count: 2, platform: { ...nodeThreads, startWorker }, heap, allocate: () => 1024 },
        onFailure: (error) => lost.push(error),
      });
      let now = 0;
      const wait = Atomics.wait as (...args: unknown[]) => ReturnType<typeof Atomics.wait>;
      const spies = [
        vi.spyOn(performance, 'now').mockImplementation(() => now),
        vi.spyOn(Atomics, 'wait').mockImplementation((...[array, index, value, ms]: unknown[]) => {
          now += Number(ms);
          if (now < 1000 * (ownSeconds + seconds)) return 'timed-out';
          Atomics.store(signals, mayEnd, 1);
          Atomics.notify(signals, mayEnd);
          return wait(array, index, value);
        }),
      ];
      const run = () =>
        pool.run([[], []], () => {
          now += 1000 * ownSeconds;
          while (Atomics.load(signals, started) === 0);
        });
      try {
        if (mayTake) run();
        else expect(run).toThrow(expect.objectContaining({ code: 'device-lost' }));
        expect(lost).toHaveLength(mayTake ? 0 : 1);
      } finally {
        for (const spy of spies) spy.mockRestore();
        pool.close();
      }
    },
  );

  it('that have ended make the next operation an error', async () => {
    const { workers, platform } = watchedThreads();
    await using backend = await openWasmBackend({ tfjs, threads: 2, platform });
    await backend.activate();
    await workers[0]!.terminate();
    await expect(compute()).rejects.toMatchObject({
      code: 'device-lost',
      message: expect.stringContaining('a thread has ended'),
    });
  });

  it('leave one thread where they do not start, with the reason', async () => {
    const startWorker = () => {
      throw new Error('no workers here');
    };
    const endsAtOnce = () => nodeThreads.startWorker('process.exit();');
    for (const [platform, reason] of [
      ['no workers here', 'no workers here'],
      [{ ...nodeThreads, startWorker }, 'no workers here'],
      [{ ...nodeThreads, startWorker: endsAtOnce }, 'its worker has ended'],
    ] as const) {
      await using backend = await openWasmBackend({ tfjs, threads: 2, platform });
      expect(backend.description).toBe(`WASM (SIMD, 1 thread: ${reason})`);
      expect(backend.capabilities.threads).toBe(1);
      await backend.activate();
      await gradientSelfTest('wasm');
    }
  });

  it('are at least one and a whole number', async () => {
    for (const threads of [0, 1.5]) {
      await expect(openBackend({ prefer: 'wasm', threads })).rejects.toMatchObject({
        code: 'invalid-option',
      });
    }
  });
});
