import * as tf from '@tensorflow/tfjs-core';
import { messageOf } from '../../errors';
import { registerWasmKernels } from '../../kernels/wasm';
import type { Backend } from '../backend';
import { openTfjsBackend, type TfjsBackendOptions } from '../tfjs-backend';
import { shareWasmClones } from './clones';
import { reportWasmFaults } from './faults';
import type { ThreadPlatform, ThreadWorker } from './threads/pool';
import { startThreadedProgram, type WasmProgram } from './threads/program';
import { tileWasmInBlocks } from './tile';

/** The part of the package `@tensorflow/tfjs-backend-wasm` that {@link openWasmBackend} uses. */
export interface TfjsWasm {
  readonly BackendWasm: new (program: never) => tf.KernelBackend;
  /** Sets the number of threads of the next backend. */
  setThreadsCount(threads: number): void;
}

/** Options of {@link openWasmBackend}. */
export interface OpenWasmOptions<W extends ThreadWorker> extends Pick<TfjsBackendOptions, 'hint'> {
  /** The imported package `@tensorflow/tfjs-backend-wasm`. */
  tfjs: TfjsWasm;
  /** Number of threads, if they start; at most 8 do. */
  threads: number;
  /** How threads start, or else why they cannot. */
  platform: ThreadPlatform<W> | string;
  /** Whether to register the fused kernels, which need SIMD. Default true. */
  fusedKernels?: boolean;
}

/** More would wait for memory. */
const mostThreads = 8;

/** Why a running backend has only one thread. */
const reasons = new WeakMap<tf.KernelBackend, string>();

/**
 * Opens tfjs' WASM backend, in a browser or in Node. It has one thread where more do not start.
 *
 * @throws FaceanimError `backend-unavailable` if it does not start at all
 */
export async function openWasmBackend<W extends ThreadWorker>({
  tfjs,
  threads,
  platform,
  fusedKernels = true,
  hint,
}: OpenWasmOptions<W>): Promise<Backend> {
  shareWasmClones();
  tileWasmInBlocks();
  // In the way of tfjs, threads do not start in bundles, and it waits for them forever.
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  const simd = Boolean(await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT'));
  let reason: string | undefined;
  return openTfjsBackend({
    name: 'wasm',
    tfBackend: 'wasm',
    hint,
    async create() {
      if (threads === 1) return undefined;
      try {
        if (!simd) throw new Error('the CPU or browser has no SIMD');
        if (!fusedKernels) throw new Error('only the fused kernels share work');
        if (typeof platform === 'string') throw new Error(platform);
        const program = await startThreadedProgram(Math.min(threads, mostThreads), platform);
        tfjs.setThreadsCount(1);
        return new tfjs.BackendWasm(program as never);
      } catch (error) {
        reason = messageOf(error);
        return undefined;
      }
    },
    describe(started) {
      reportWasmFaults(started);
      registerWasmKernels(simd && fusedKernels);
      if (reason) reasons.set(started, reason);
      const count = threadsOf(started);
      const number = count === 1 ? '1 thread' : `${count} threads`;
      const why = reasons.has(started) ? `: ${reasons.get(started)}` : '';
      return {
        description: `WASM (${simd ? 'SIMD, ' : ''}${number}${why})`,
        capabilities: { gpu: false, threads: count },
      };
    },
  });
}

/** Number of threads of a running backend. The program of tfjs has no pool. */
function threadsOf(started: tf.KernelBackend): number {
  const { wasm } = started as unknown as { wasm: Partial<WasmProgram> };
  return wasm.threads?.count ?? 1;
}
