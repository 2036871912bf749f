import { openBackend, writeImage } from '@faceanim/backend-node';
import type { BackendName } from '@faceanim/core';
import { avatarPack, factorsToZ } from '@faceanim/models';
import { drawFace } from './draw-face';

interface LookOptions {
  out: string;
  seed?: number;
  expression?: string;
  list?: boolean;
  backend?: BackendName;
  factors: Readonly<Record<string, number>>;
}

/** `faceanim look`: a face of the bundled generator by its named factors. */
export async function lookCommand({
  out,
  seed = 0,
  expression,
  list,
  backend: prefer,
  factors,
}: LookOptions): Promise<void> {
  await using _backend = await openBackend({ prefer });
  using pack = await avatarPack();
  const { columns, expressions } = pack.factors;
  if (list) {
    process.stdout.write(
      `factors: ${columns.map(({ name }) => name).join(', ')}\nexpressions: ${Object.keys(expressions).join(', ')}\n`,
    );
    return;
  }
  const z = factorsToZ(pack.factors, factors, { seed, expression });
  await writeImage(out, await drawFace(pack, z));
  process.stdout.write(`${out}\n`);
}
