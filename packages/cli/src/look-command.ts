import { openBackend, writeImage } from '@faceanim/backend-node';
import type { BackendName } from '@faceanim/core';
import { avatarFactors, avatarPack, factorsToZ } from '@faceanim/models';
import { drawFace } from './draw-face';

interface LookOptions {
  out?: string;
  seed?: number;
  expression?: string;
  backend?: BackendName;
  factors: Readonly<Record<string, number>>;
}

/** `faceanim look`: a face of the bundled generator by its named factors. */
export async function lookCommand(
  { out = 'look.png', seed = 0, expression, backend: prefer, factors }: LookOptions,
  signal: AbortSignal,
): Promise<void> {
  const z = factorsToZ(await avatarFactors({ signal }), factors, { seed, expression });
  await using _backend = await openBackend({ prefer, signal });
  using pack = await avatarPack({ signal });
  await writeImage(out, await drawFace(pack, z));
  process.stdout.write(`${out}\n`);
}

/** `faceanim look --list`. */
export async function listFactors(signal: AbortSignal): Promise<void> {
  const { columns, expressions } = await avatarFactors({ signal });
  process.stdout.write(
    `factors: ${columns.map(({ name }) => name).join(', ')}\nexpressions: ${Object.keys(expressions).join(', ')}\n`,
  );
}
