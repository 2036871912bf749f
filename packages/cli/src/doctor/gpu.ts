import type { Webgpu } from '@faceanim/tensor/backends';

/** A GPU and its driver, as far as its adapter tells. */
export interface Gpu {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
}

/** The GPU that an open webgpu backend runs on. */
export async function describeGpu(): Promise<Gpu | undefined> {
  const { gpu } = navigator as unknown as { gpu: Webgpu };
  const { info } = (await gpu.requestAdapter({ powerPreference: 'high-performance' })) ?? {};
  if (!info) return undefined;
  const { vendor, architecture, device, description } = info;
  return { vendor, architecture, device, description };
}
