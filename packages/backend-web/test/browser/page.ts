import type { Backend } from '@faceanim/tensor';
import { openTfjsBackend } from '@faceanim/tensor/backends';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { type WholeContractOptions, wholeContract } from '../../../core/test/support/whole-contract';
import { openBackend } from '../../src';

/** What became of one check. */
export interface Outcome {
  readonly name: string;
  readonly error?: string;
}

/** What the page found out about one runtime. */
export interface RuntimeReport {
  /** Why it did not come up. */
  readonly unavailable?: string;
  readonly description?: string;
  readonly outcomes: readonly Outcome[];
}

/** Options of each runtime; their names are those of the runtimes. */
export const contracts: Readonly<Record<string, Partial<WholeContractOptions>>> = {
  webgpu: {
    leakSteps: 20,
    tooLarge: 2 ** 30 - 1,
    loseDevice: () => (tf.backend() as unknown as { device: { destroy(): void } }).device.destroy(),
  },
  webgl: { leakSteps: 20, tolerance: 5e-4, tooLarge: 2 ** 30 - 1, loseDevice: loseContext },
  wasm: { leakSteps: 200, tooLarge: 2 ** 30 - 1 },
};

/** For long runs: the number of steps after which nothing may be left, in place of each runtime's own. */
const leakSteps = Number(process.env.FACEANIM_LEAK_STEPS) || undefined;

/** A worker from a blob has no address of its own to start from. */
const wasmPaths = `${globalThis.location?.origin}/wasm/`;

/** The contract of one runtime with the plain JavaScript backend as oracle. */
export function contractOf(name: string) {
  const open = () => openBackend({ prefer: name, allowSoftware: true, wasmPaths });
  return wholeContract({ open, openOracle, ...contracts[name], ...(leakSteps && { leakSteps }) });
}

/** Runs the checks of one runtime whose names contain a text; in a page or in a worker. */
export async function testRuntime(name: string, only: string): Promise<RuntimeReport> {
  try {
    await using backend = await openBackend({ prefer: name, allowSoftware: true, wasmPaths });
    return { description: backend.description, outcomes: await runChecks(name, only) };
  } catch (error) {
    return { unavailable: String(error), outcomes: [] };
  }
}

async function runChecks(name: string, only: string): Promise<Outcome[]> {
  await using contract = contractOf(name);
  const outcomes: Outcome[] = [];
  for (const check of contract.checks) {
    if (!check.name.includes(only)) continue;
    try {
      await check.run();
      outcomes.push({ name: check.name });
    } catch (error) {
      outcomes.push({ name: check.name, error: String((error as Error).stack ?? error) });
    }
  }
  return outcomes;
}

function openOracle(): Promise<Backend> {
  return openTfjsBackend({
    name: 'js',
    tfBackend: 'cpu',
    create: () => new MathBackendCPU(),
    describe: () => ({ description: 'plain JavaScript', capabilities: { gpu: false } }),
  });
}

function loseContext(): void {
  const { gpgpu } = tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } };
  gpgpu.gl.getExtension('WEBGL_lose_context')!.loseContext();
}
