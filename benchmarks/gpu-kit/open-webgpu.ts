import { openBackend } from '@faceanim/backend-node';
import type { Backend } from '@faceanim/tensor';
import { openWebgpuBackend, type Webgpu } from '@faceanim/tensor/backends';
import * as tf from '@tensorflow/tfjs-core';
import { matrixFeatures } from '../../packages/backend-node/src/runtimes/webgpu';
import {
  type MatrixDevice,
  type MatrixUnit,
  matrixUnitOf,
} from '../../packages/tensor/src/kernels/webgpu/conv/matrix-unit';
import { openNullWebgpu } from '../support/null-webgpu';

/** A GPU, a software adapter as well, or Dawn's null device, which validates everything and computes nothing. */
export type DeviceKind = 'gpu' | 'software' | 'null';

/** Options of {@link openWebgpu}. */
export interface OpenWebgpuOptions {
  readonly device: DeviceKind;
  readonly fusedKernels?: boolean;
  readonly matrixUnits?: boolean;
  readonly winograd?: boolean;
  /** Whether timestamps are exact. Dawn rounds them to 0.1 ms otherwise. */
  readonly exactTimestamps?: boolean;
  /** Whether shaders run without the checks of indices that Dawn adds. */
  readonly unchecked?: boolean;
}

/** Opens WebGPU through Dawn as `openBackend` does, with Dawn's own options on top. Once per process. */
export async function openWebgpu({
  device,
  fusedKernels,
  matrixUnits = false,
  winograd = false,
  exactTimestamps = false,
  unchecked = false,
}: OpenWebgpuOptions): Promise<Backend> {
  if (device === 'null') return openNullWebgpu({ fusedKernels, winograd });
  const options = { allowSoftware: device === 'software', fusedKernels, matrixUnits, winograd };
  if (!exactTimestamps && !unchecked) return openBackend({ prefer: 'webgpu', ...options });
  const { create, globals } = await import('webgpu');
  const features = [...(matrixUnits ? matrixFeatures : []), ...(unchecked ? ['disable_robustness'] : [])];
  const gpu = create([
    ...(features.length > 0 ? [`enable-dawn-features=${features}`] : []),
    ...(exactTimestamps ? ['disable-dawn-features=timestamp_quantization'] : []),
  ]) as unknown as Webgpu;
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  const tfjs = await import('@tensorflow/tfjs-backend-webgpu');
  const backend = await openWebgpuBackend({ gpu, tfjs, ...options });
  await backend.activate();
  return backend;
}

/** The matrix units of the open device, if the kernels can use them. */
export async function openMatrixUnit(): Promise<MatrixUnit | undefined> {
  const { device } = tf.backend() as unknown as { device: MatrixDevice };
  const { gpu } = navigator as unknown as { gpu: Webgpu };
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  return matrixUnitOf(device, adapter?.info);
}

/** The row of a section that needs matrix units. */
export const noMatrixUnits = { problem: 'this adapter has no matrix units that the kernels can use' };
