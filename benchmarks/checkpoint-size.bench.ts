import { execFile } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchmarkContext } from './run';
import { discriminatorShapes, generatorShapes } from './support/config-f';
import { writeNetworkPickle, writeSafetensors } from './support/write-checkpoint';

export const description = 'time and peak memory of reading G_ema out of a full-size StyleGAN2 checkpoint';

interface Reading {
  openMs: number;
  readMs: number;
  tensorBytes: number;
  peakBytes: number;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;

export async function run({ log }: BenchmarkContext) {
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-bench-'));
  try {
    const networks = { G: generatorShapes(), D: discriminatorShapes(), G_ema: generatorShapes() };
    const files = { pickle: join(folder, 'network.pkl'), safetensors: join(folder, 'network.safetensors') };
    log('writing G, D and G_ema of config-f for 1024 pixels, random weights, as pickle and as safetensors');
    await writeNetworkPickle(files.pickle, networks);
    await writeSafetensors(files.safetensors, networks);
    const readings: Record<string, unknown>[] = [];
    for (const [format, path] of Object.entries(files)) {
      for (const source of ['path', 'blob']) {
        log(`reading G_ema from the ${format} as a ${source}`);
        const { openMs, readMs, tensorBytes, peakBytes } = await readApart(path, source);
        readings.push({
          format,
          source,
          fileMB: megabytes((await stat(path)).size),
          askedForMB: megabytes(tensorBytes),
          openMs: Math.round(openMs),
          readMs: Math.round(readMs),
          peakMB: megabytes(peakBytes),
          peakRatio: Math.round((100 * peakBytes) / tensorBytes) / 100,
        });
      }
    }
    return { target: 'peakRatio <= 1.3', readings };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readApart(path: string, source: string): Promise<Reading> {
  const program = join(import.meta.dirname, 'support/read-checkpoint.mjs');
  const { stdout } = await promisify(execFile)(process.execPath, [program, path, 'G_ema.', source]);
  return JSON.parse(stdout) as Reading;
}
