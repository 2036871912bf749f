import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, vi } from 'vitest';
import { run } from '../src/program';

/** The bundled driver and look. */
export const demoDriver = fileURLToPath(new URL('../assets/demo-driver.webp', import.meta.url));
export const demoLook = fileURLToPath(new URL('../assets/demo-look.png', import.meta.url));

/** A folder for the outputs of a test file, removed after its tests. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'faceanim-cli-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a command line like the binary, and captures what it prints. */
export async function faceanim(
  args: readonly string[],
  { signal = new AbortController().signal, onStderr = (_: string) => {} } = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const printed = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      printed[stream] += String(chunk);
      if (stream === 'stderr') onStderr(String(chunk));
      return true;
    }),
  );
  try {
    return { code: await run(args, signal), ...printed };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}
