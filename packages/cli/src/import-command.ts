import { join } from 'node:path';
import type { Command } from 'commander';
import { licenceOfPack } from './licence-of-pack';
import { sharedOptions } from './options';
import { printable } from './printable';

interface ImportOptions {
  out: string;
  half?: boolean;
  overwrite?: boolean;
}

/** Adds `faceanim import`. */
export function addImport(program: Command, signal: AbortSignal): void {
  program
    .command('import')
    .description('turn a checkpoint into safetensors with a manifest and a model card')
    .argument(
      '<file>',
      'torch file or NVIDIA network pickle; of several generators the averaged one (G_ema) is taken',
    )
    .requiredOption('-o, --out <folder>', 'where the files go')
    .option('--half', 'store large tensors as 16-bit floats')
    .addOption(sharedOptions.overwrite)
    .action(async (file: string, { out, half, overwrite = false }: ImportOptions) => {
      const { writeFileAtomic } = await import('@faceanim/media/files');
      const { pause, throwIfAborted } = await import('@faceanim/tensor');
      const { importCheckpoint } = await import('@faceanim/models');
      const { checkOutputs } = await import('./outputs');
      const inputs = [{ name: 'the checkpoint', path: file }];
      const folder = { name: '--out', path: out, kind: 'folder' } as const;
      await checkOutputs([folder], []);
      const { network, licence, files } = await importCheckpoint(file, {
        ...{ half, signal },
        licence: await licenceOfPack(file),
      });
      const outputs = [...files.keys()].map((name) => join(out, name));
      await checkOutputs(
        outputs.map((path) => ({ name: '--out', path, kind: 'file', replace: overwrite })),
        inputs,
      );
      // The last moment for Ctrl-C: a pack is written as a whole.
      await pause();
      throwIfAborted(signal);
      for (const [name, bytes] of files) await writeFileAtomic(join(out, name), bytes, { overwrite });
      process.stdout.write(`${network}: ${outputs.join(', ')}\n`);
      process.stdout.write(`licence: ${printable(licence)}\n`);
    });
}
