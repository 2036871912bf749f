import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { findChromium, missingChromium } from '../../../../tools/browser';
import { runInBrowser } from '../../../models/test/browser/support';
import type { AnimateReport } from './animate-page';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const wasm = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const served = (prefix: string, folder: string) =>
  readdirSync(folder).map((name) => [prefix + name, join(folder, name)] as const);
const assets = path('../../../cli/assets/');
const files = Object.fromEntries([
  ...served('/wasm/', wasm),
  ...served('/avatar/', path('../../../models/assets/avatar/')),
  ['/look.png', `${assets}demo-look.png`],
  ['/driver.webp', `${assets}demo-driver.webp`],
  ['/driver.mp4', `${assets}demo-driver.webp`],
]);

it.skipIf(!findChromium())(
  `a page animates a look in its worker, goes on after a reload, and encodes a video${findChromium() ? '' : `: ${missingChromium}`}`,
  { tags: ['long'] },
  async () => {
    const report = await runInBrowser<AnimateReport>(path('animate-page.ts'), {
      files,
      scripts: { '/worker.js': path('../../src/faceanim-worker.ts') },
      timeoutMs: 3_000_000,
    });
    expect(report.computed[0]).toEqual(expect.arrayContaining([0, 1, 2]));
    expect(report.computed[1], 'frames that were saved are not computed again').not.toContain(2);
    expect(report.computed[1]).toContain(5);
    expect(report.saved).toEqual(['demo']);
    expect(report.frames).toEqual([0, 1, 2, 3, 4, 5].map((index) => [index, 256]));
    expect(report.errors).toEqual([
      expect.objectContaining({ code: 'resume-mismatch' }),
      expect.objectContaining({ code: 'io' }),
      expect.objectContaining({ code: 'resume-mismatch' }),
    ]);
    // Printed, not asserted: other programs keep the page waiting, too.
    console.log(`longest gap of the page: ${report.longestGap.toFixed(0)} ms`);
    expect(probe(report.video)).toEqual({ frames: 11, fps: 50 });
  },
);

/** Number and rate of the frames of a video, by ffprobe. */
function probe(base64: string) {
  const folder = mkdtempSync(join(tmpdir(), 'faceanim-'));
  try {
    writeFileSync(join(folder, 'out.webm'), Buffer.from(base64, 'base64'));
    const entries = [
      '-count_frames',
      '-show_entries',
      'stream=nb_read_frames,r_frame_rate',
      '-of',
      'csv=p=0',
    ];
    const { stdout } = spawnSync('ffprobe', ['-v', 'error', ...entries, join(folder, 'out.webm')], {
      encoding: 'utf8',
    });
    const [rate, frames] = stdout.trim().split(',');
    const [numerator, denominator] = rate!.split('/').map(Number);
    return { frames: Number(frames), fps: numerator! / denominator! };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
