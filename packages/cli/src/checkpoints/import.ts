import { join } from 'node:path';
import { writeFileAtomic } from '@faceanim/media/files';
import { importCheckpoint } from '@faceanim/models';
import { pause, throwIfAborted } from '@faceanim/tensor';
import { checkOutputs } from '../files/outputs';
import { printable } from '../terminal/printable';
import { licenceOfPack } from './licence-of-pack';

export interface ImportOptions {
  out: string;
  half?: boolean;
  overwrite?: boolean;
}

/** `faceanim import`: converts a checkpoint to safetensors. */
export async function importCommand(
  file: string,
  { out, half, overwrite = false }: ImportOptions,
  signal: AbortSignal,
): Promise<void> {
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
  // The last chance for Ctrl-C, so that a pack is written completely or not at all.
  await pause();
  throwIfAborted(signal);
  for (const [name, bytes] of files) await writeFileAtomic(join(out, name), bytes, { overwrite });
  process.stdout.write(`${network}: ${outputs.join(', ')}\n`);
  process.stdout.write(`licence: ${printable(licence)}\n`);
}
