import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaceanimError } from '@faceanim/core';
import type { Command } from 'commander';

interface ImportOptions {
  out: string;
  half?: boolean;
}

/** Adds `faceanim import`. */
export function addImport(program: Command, signal: AbortSignal): void {
  program
    .command('import')
    .description('turn a checkpoint into safetensors with a manifest and a model card')
    .argument('<file>', 'torch file or NVIDIA network pickle; of the latter G_ema is taken')
    .requiredOption('-o, --out <folder>', 'where the files go')
    .option('--half', 'store large tensors as 16-bit floats')
    .action(async (file: string, { out, half }: ImportOptions) => {
      const { importCheckpoint } = await import('@faceanim/models');
      const { network, licence, files } = await importCheckpoint(file, { half, signal });
      await writeFiles(out, files);
      process.stdout.write(`${network}: ${[...files.keys()].map((name) => join(out, name)).join(', ')}\n`);
      process.stdout.write(`licence: ${licence}\n`);
    });
}

/** Writes each file under another name first, so that a run that is cut off leaves no half a file. */
async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, bytes] of files) {
      const path = join(folder, name);
      await writeFile(`${path}.part`, bytes);
      await rename(`${path}.part`, path);
    }
  } catch (cause) {
    throw new FaceanimError('io', `${folder} cannot be written: ${(cause as Error).message}.`, {
      file: folder,
      cause,
      hint: 'Pass a folder that may be written with enough room as --out.',
    });
  }
}
