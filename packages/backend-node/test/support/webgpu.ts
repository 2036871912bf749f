import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Where there is no GPU: Vulkan's software implementation that comes with Chromium on Debian. */
export function useSoftwareVulkan(): void {
  const software = '/usr/lib/chromium/vk_swiftshader_icd.json';
  if (process.env.VK_ICD_FILENAMES !== undefined || !existsSync(software)) return;
  process.env.VK_ICD_FILENAMES = software;
  process.env.XDG_RUNTIME_DIR ??= tmpdir();
}
