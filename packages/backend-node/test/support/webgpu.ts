import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import type { Backend } from '@faceanim/tensor';
import { afterAll, beforeAll } from 'vitest';
import { openBackend } from '../../src/open-backend';

/** Where there is no GPU: Vulkan's software implementation that comes with Chromium on Debian. */
export function useSoftwareVulkan(): void {
  const software = '/usr/lib/chromium/vk_swiftshader_icd.json';
  if (process.env.VK_ICD_FILENAMES !== undefined || !existsSync(software)) return;
  process.env.VK_ICD_FILENAMES = software;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}

/**
 * WebGPU whose devices compute nothing, but check what they are told; also as `navigator.gpu`.
 *
 * @param features of Dawn, such as `allow_unsafe_apis`
 */
export async function nullWebgpu(features: readonly string[] = []) {
  const { create, globals } = await import('webgpu');
  const gpu = create(['backend=null', `enable-dawn-features=${features}`]);
  Object.assign(globalThis, globals);
  // Node 20 has no navigator.
  if (!('navigator' in globalThis))
    Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });
  Object.defineProperty(globalThis.navigator, 'gpu', { value: gpu, configurable: true });
  return gpu;
}

/** WebGPU for the tests of a file or `describe`, on a software adapter where there is no GPU, or why it is missing. */
export function webgpuForTests(): { backend?: Backend; reason?: string } {
  const found: { backend?: Backend; reason?: string } = {};
  useSoftwareVulkan();
  beforeAll(async () => {
    try {
      found.backend = await openBackend({ prefer: 'webgpu', allowSoftware: true });
    } catch (error) {
      found.reason = (error as Error).message;
    }
  });
  afterAll(() => found.backend?.[Symbol.asyncDispose]());
  return found;
}
