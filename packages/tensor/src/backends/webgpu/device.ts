import type { MatrixDevice, MatrixInfo } from '../../kernels/webgpu/conv/matrix-unit';
import { isSoftwareAdapter, softwareOnly, unavailable } from '../runtime';

/** The part of a `GPUAdapter` that is needed here; TypeScript's own library has no WebGPU yet. */
export interface WebgpuAdapter {
  readonly features: ReadonlySet<string>;
  readonly limits: object;
  readonly isFallbackAdapter?: boolean;
  readonly info?: WebgpuAdapterInfo;
  requestDevice(descriptor: object): Promise<WebgpuDevice & MatrixDevice>;
}

/** A `GPUAdapterInfo`. */
export interface WebgpuAdapterInfo extends MatrixInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** The part of a `GPUDevice` that is needed here. */
export interface WebgpuDevice {
  readonly limits: { readonly maxBufferSize: number; readonly maxStorageBufferBindingSize: number };
  readonly lost: Promise<{ reason: string; message: string }>;
  createBuffer(descriptor: { size: number }): unknown;
  addEventListener(event: 'uncapturederror', listener: (event: { error: { message: string } }) => void): void;
  destroy(): void;
}

/** The entry point of WebGPU, `navigator.gpu`. */
export interface Webgpu {
  /** As in the WebGPU standard. */
  requestAdapter(options?: object): Promise<WebgpuAdapter | null>;
}

/** Feature of Dawn and Chromium: subgroups can multiply matrices. */
const subgroupMatrix = 'chromium-experimental-subgroup-matrix';

/** A device and facts about its adapter. */
export interface OpenWebgpuDevice {
  readonly device: WebgpuDevice & MatrixDevice;
  readonly info: WebgpuAdapterInfo | undefined;
  /** Human-readable name. */
  readonly adapter: string;
  readonly float16: boolean;
  /** Whether the adapter computes on the CPU. */
  readonly software: boolean;
}

/**
 * Opens a device of the high-performance adapter, with all its limits and the features that kernels can use; with
 * `matrixUnits`, also experimental ones.
 *
 * @throws FaceanimError `backend-unavailable` if there is no adapter, or only a software one that is not allowed
 */
export async function openWebgpuDevice(
  gpu: Webgpu,
  { allowSoftware, matrixUnits }: { allowSoftware: boolean; matrixUnits: boolean },
): Promise<OpenWebgpuDevice> {
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) {
    throw unavailable(
      'webgpu',
      'there is no adapter',
      'Install the driver of your GPU (on Linux with Vulkan).',
    );
  }
  const { info } = adapter;
  const name = nameOf(info);
  const fallback = info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false;
  const known = [name, info?.architecture, info?.device].join(' ');
  const software = fallback || isSoftwareAdapter(known);
  if (software && !allowSoftware) throw softwareOnly('webgpu', name);
  const wanted = ['timestamp-query', 'shader-f16', 'subgroups'];
  if (matrixUnits) wanted.push(subgroupMatrix);
  const device = await adapter.requestDevice({
    requiredFeatures: wanted.filter((feature) => adapter.features.has(feature)),
    requiredLimits: ownLimits(adapter.limits),
  });
  return { device, info, adapter: name, float16: adapter.features.has('shader-f16'), software };
}

/** Browsers tell vendor and architecture; Dawn in Node tells the card, such as `nvidia-h200`, and its driver. */
function nameOf({ vendor, architecture, device, description }: Partial<WebgpuAdapterInfo> = {}): string {
  const told = (...parts: (string | undefined)[]) => parts.filter(Boolean);
  const detailed = told(device, description).join(', ');
  return detailed || told(vendor, architecture).join(' ') || 'unnamed GPU';
}

/** Every limit that the adapter reports. They are getters on its prototype. */
function ownLimits(limits: object): Record<string, number> {
  const names = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(limits)));
  const values = [...names, ...Object.keys(limits)].map((name) => [name, Reflect.get(limits, name)] as const);
  return Object.fromEntries(
    values.filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}
