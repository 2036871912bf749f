import { parseArgs } from 'node:util';
import { openBackend } from '@faceanim/backend-node';
import { avatarPack } from '@faceanim/models';
import { type Backend, eagerProgram } from '@faceanim/tensor';
import { peakBytes } from '@faceanim/tensor/testing';
import * as tf from '@tensorflow/tfjs-core';
import type { BenchmarkContext } from './run';
import { openNullWebgpu } from './support/null-webgpu';
import { originalIteration } from './support/original-iteration';
import { type OriginalNetworks, originalNetworks } from './support/original-networks';

export const description =
  'peak memory of an iteration with and without activation checkpointing: avatar pack on WASM, config-f + VGG16 + 2DFAN4 on WebGPU without a GPU [--resolution N]';

/** The smallest first, since WASM never frees memory. */
const choices = [true, 64, 256, false];

export async function run({ args, log }: BenchmarkContext) {
  const { resolution } = parseArgs({
    args,
    options: { resolution: { type: 'string', default: '1024' } },
  }).values;
  return {
    'avatar pack, WASM': await measureAll(await openBackend({ prefer: 'wasm' }), log, (checkpointing) =>
      avatarPack({ checkpointing }),
    ),
    [`config-f ${resolution} + VGG16 + 2DFAN4, WebGPU (null)`]: await measureAll(
      await openNullWebgpu(),
      log,
      async (checkpointing) => originalNetworks({ resolution: Number(resolution) }, { checkpointing }),
    ),
  };
}

async function measureAll(
  backend: Backend,
  log: BenchmarkContext['log'],
  open: (checkpointing: boolean | number) => Promise<OriginalNetworks>,
) {
  await using _closed = backend;
  await backend.activate();
  const rows: Record<string, unknown>[] = [];
  for (const checkpointing of choices) {
    log(`${backend.description}: checkpointing ${checkpointing}`);
    using networks = await open(checkpointing);
    rows.push({ checkpointing, ...measure(backend, networks) });
  }
  return rows;
}

/** One eager step, then the same step as a program of the backend. */
function measure(backend: Backend, networks: OriginalNetworks) {
  using iteration = originalIteration(networks);
  const held = tf.memory().numBytes;
  const step = () => tf.dispose(tf.tidy(() => iteration.step(iteration.inputs)));
  step();
  const start = process.cpuUsage();
  const peak = peakBytes(step);
  const { user, system } = process.cpuUsage(start);
  using program = (backend.program ?? eagerProgram)(iteration.step, iteration.inputs);
  program.run();
  return {
    weightsMB: megabytes(held),
    activationsMB: megabytes(peak),
    ...deviceMemory(),
    eagerCpuMs: Math.round((user + system) / 1000),
  };
}

/** What the backend has allocated for the program: the heap of WASM, buffers of WebGPU. */
function deviceMemory(): Record<string, number> {
  const { wasm, bufferManager } = tf.backend() as unknown as {
    wasm?: { HEAPU8: Uint8Array };
    bufferManager?: { numBytesAllocated: number };
  };
  if (wasm) return { wasmHeapMB: megabytes(wasm.HEAPU8.byteLength) };
  return bufferManager ? { gpuBuffersMB: megabytes(bufferManager.numBytesAllocated) } : {};
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
