import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import util from 'node:util';
import type { Backend } from '@faceanim/tensor';
import {
  importOptional,
  openTfjsBackend,
  outOfMemory,
  type RuntimeFactory,
  type RuntimeOptions,
  unavailable,
} from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { registerTensorflowKernels } from '../kernels/tensorflow';
import type { NativeBackend } from '../kernels/tensorflow/native';
import { tensorflowProgram } from '../programs/tensorflow-program';
import { watchBinding } from '../programs/watched-binding';

/** Native TensorFlow on the CPU (`@tensorflow/tfjs-node`), on all cores. */
export const cpu: RuntimeFactory = {
  name: 'cpu',
  open: (options) =>
    openTfjsNode('cpu', '@tensorflow/tfjs-node', options, ({ binding }) => ({
      description: `TensorFlow ${binding.TF_Version} (native, ${availableParallelism()} threads)`,
      capabilities: { gpu: false, threads: availableParallelism() },
    })),
};

/**
 * Native TensorFlow on an NVIDIA GPU (`@tensorflow/tfjs-node-gpu`). `CUDA_VISIBLE_DEVICES` selects the GPU, as for any
 * TensorFlow program.
 */
export const cuda: RuntimeFactory = {
  name: 'cuda',
  open: (options) =>
    openTfjsNode('cuda', '@tensorflow/tfjs-node-gpu', options, ({ binding, isUsingGpuDevice }) => {
      if (!isUsingGpuDevice) {
        const reason = 'TensorFlow found no NVIDIA GPU that it can use';
        throw unavailable(
          'cuda',
          reason,
          'Install the NVIDIA driver, CUDA 11.2 and cuDNN 8.1, or use webgpu.',
        );
      }
      return { description: `TensorFlow ${binding.TF_Version} (CUDA)`, capabilities: { gpu: true } };
    }),
};

async function openTfjsNode(
  name: 'cpu' | 'cuda',
  packageName: string,
  { fusedKernels }: RuntimeOptions,
  describe: (started: NativeBackend) => Pick<Backend, 'description' | 'capabilities'>,
): Promise<Backend> {
  const active = tf.engine().backendName;
  prepareProcess();
  // Unlike `import`, `require` also searches NODE_PATH, where native builds often are.
  const load = async () =>
    createRequire(import.meta.url)(packageName) as { version: { 'tfjs-core': string } };
  const { version } = await importOptional({ runtime: name, name: packageName }, load);
  if (major(version['tfjs-core']) !== major(tf.version_core)) {
    const reason = `${packageName} is made for tfjs ${version['tfjs-core']}, and ${tf.version_core} is installed`;
    throw unavailable(name, reason, `Run: npm install ${packageName}@${tf.version_core}`);
  }
  // Loading the module has activated its backend.
  if (active) await tf.setBackend(active);
  return openTfjsBackend({
    name,
    tfBackend: 'tensorflow',
    describe: (started) => {
      const native = started as NativeBackend;
      if (native.isGPUPackage !== (name === 'cuda')) {
        const other = name === 'cuda' ? 'cpu' : 'cuda';
        throw unavailable(
          name,
          `this process has loaded the ${other} backend`,
          'Open it in a process of its own.',
        );
      }
      watch(name, native);
      registerTensorflowKernels(fusedKernels);
      return { ...describe(native), program: (step, inputs) => tensorflowProgram(native, step, inputs) };
    },
  });
}

function prepareProcess(): void {
  // Hides informational logs of TensorFlow on stderr, unless the user has set these variables.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= 'true';
  for (const [name, value] of Object.entries(removedFromUtil)) {
    if (!(name in util)) Object.assign(util, { [name]: value });
  }
}

/** Functions of `util` that tfjs-node 4.22 calls and that Node 23 has removed. */
const removedFromUtil = { isNullOrUndefined: (value: unknown) => value == null, isArray: Array.isArray };

const watched = new WeakSet<NativeBackend>();

/** Makes failed allocations `out-of-memory` errors, and lets programs record. */
function watch(name: string, backend: NativeBackend): void {
  if (watched.has(backend)) return;
  watched.add(backend);
  backend.binding = watchBinding(backend.binding, (cause) => {
    const text = String(cause);
    if (!/\bOOM\b|out of memory|resource.?exhausted/i.test(text)) return cause;
    return outOfMemory(name, { bytes: bytesOfShape(text), inUse: tf.memory().numBytes, cause });
  });
}

/** Bytes of the tensor in a message such as `OOM when allocating tensor with shape[1,64,512,512]`. */
function bytesOfShape(text: string): number | undefined {
  const shape = /shape ?\[([\d, ]+)\]/.exec(text)?.[1];
  return shape?.split(',').reduce((size, n) => size * Number(n), 4);
}

function major(version: string): string {
  return version.split('.')[0]!;
}
