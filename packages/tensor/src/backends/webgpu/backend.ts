import type * as tf from '@tensorflow/tfjs-core';
import { registerWebgpuKernels } from '../../kernels/webgpu';
import { matrixUnitOf } from '../../kernels/webgpu/conv/matrix-unit';
import { expectedSaving } from '../../kernels/webgpu/conv/winograd';
import type { Backend } from '../backend';
import { openTfjsBackend } from '../tfjs-backend';
import { type OpenWebgpuDevice, openWebgpuDevice, type Webgpu } from './device';
import { reportWebgpuFaults } from './faults';
import { webgpuProgram } from './program';
import type { WebgpuTfBackend } from './tfjs-internals';

/** The part of the package `@tensorflow/tfjs-backend-webgpu` that {@link openWebgpuBackend} uses. */
export interface TfjsWebgpu {
  // Its own types need global WebGPU types, which not every user has.
  readonly WebGPUBackend: new (
    device: never,
    info: never,
  ) => tf.KernelBackend;
}

/** Options of {@link openWebgpuBackend}. */
export interface OpenWebgpuOptions {
  /** The platform's WebGPU, which must also be `navigator.gpu`. */
  gpu: Webgpu;
  /** The imported package `@tensorflow/tfjs-backend-webgpu`. */
  tfjs: TfjsWebgpu;
  /** Whether a software adapter is allowed. */
  allowSoftware: boolean;
  /** Whether to register the fused kernels. Default true. */
  fusedKernels?: boolean;
  /** Whether gradients of convolutions may use half precision on matrix units. Default false. */
  matrixUnits?: boolean;
  /** Whether large convolutions of 3 × 3 are computed by transformed tiles. Default false. */
  winograd?: boolean;
}

/**
 * For a software adapter: a few workgroups fill its cores, so no sum is split. Where sums are split as for a GPU,
 * SwiftShader takes more than ten times as long for a pass of the landmark network.
 */
const forCores = { enough: 4 };

/** The device under each running tfjs backend. */
const devices = new WeakMap<tf.KernelBackend, OpenWebgpuDevice>();

/**
 * Opens tfjs' WebGPU backend on a device with all limits of its adapter, in a browser or in Node.
 *
 * A lost device and a failed allocation surface at the next readback, as the typed errors `device-lost` and
 * `out-of-memory`.
 *
 * @throws FaceanimError `backend-unavailable` if there is no adapter, or only a software one that is not allowed
 */
export function openWebgpuBackend({
  gpu,
  tfjs,
  allowSoftware,
  fusedKernels,
  matrixUnits = false,
  winograd = false,
}: OpenWebgpuOptions): Promise<Backend> {
  return openTfjsBackend({
    name: 'webgpu',
    tfBackend: 'webgpu',
    async create() {
      const opened = await openWebgpuDevice(gpu, { allowSoftware, matrixUnits });
      const { device, info } = opened;
      const backend = reportWebgpuFaults(new tfjs.WebGPUBackend(device as never, info as never), device);
      const dispose = backend.dispose.bind(backend);
      backend.dispose = () => {
        dispose();
        device.destroy();
      };
      devices.set(backend, opened);
      return backend;
    },
    describe(started) {
      const { adapter, float16, device, info, software } = devices.get(started)!;
      const matrixUnit = matrixUnits ? matrixUnitOf(device, info) : undefined;
      const leastSaved = winograd ? expectedSaving : undefined;
      registerWebgpuKernels(fusedKernels, { matrixUnit, leastSaved, ...(software && forCores) });
      return {
        description: `WebGPU (${adapter}${matrixUnit ? ', matrix units' : ''})`,
        capabilities: { gpu: true, float16, matrixUnits: matrixUnit !== undefined },
        program: (step, inputs) => webgpuProgram(started as WebgpuTfBackend, step, inputs),
      };
    },
  });
}
