import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeClip, encodeClip } from '@faceanim/core/parts';
import { FaceanimError, randomState } from '@faceanim/tensor';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mutate, mutateJson } from '../../../tensor/test/support/mutate';
import { readLatents } from '../../src/render/read-latents';
import { openRunFolder } from '../../src/run/folder';
import { madeBy, type RunRecord } from '../../src/run/record';
import { clip, readMutatedParts } from './fuzz-parts';
import { finishedOf, frame, record, saveLatents } from './runs';

const original = fileURLToPath(new URL('format-1.run', import.meta.url));
const files = [
  'run.json',
  'latents.safetensors',
  'look.png',
  'frames/000000.safetensors',
  'frames/000002.safetensors',
];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'faceanim-fuzz-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** What may be thrown: errors that name a file of the run or say that it is another run. */
async function typed(what: string, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!FaceanimError.isInstance(error)) throw new Error(what, { cause: error });
    expect(['checkpoint-corrupt', 'io', 'media', 'resume-mismatch', 'weights-mismatch']).toContain(
      error.code,
    );
  }
}

/** Reads and resumes so many run folders, one file of each of which was mutated. */
async function useMutations(cases: number): Promise<void> {
  const random = randomState(2);
  const uniform = () => random.randomSample();
  for (let i = 0; i < cases; i++) {
    const run = join(folder, 'out.run');
    const name = files[i % files.length]!;
    cpSync(original, run, { recursive: true });
    const bytes = new Uint8Array(readFileSync(join(original, name)));
    const json = name === 'run.json' && uniform() < 0.8;
    const mutated = json
      ? JSON.stringify(mutateJson(JSON.parse(Buffer.from(bytes).toString()), uniform))
      : mutate(bytes, uniform);
    writeFileSync(join(run, name), mutated);
    const before = process.memoryUsage().arrayBuffers;
    const what = `case ${i}: ${name} ${json ? mutated : ''}`;
    await typed(what, () => readLatents(run));
    await typed(what, async () => {
      await using open = await openRunFolder(run, record(), { resume: true });
      const finished = await finishedOf(open);
      for (const each of finished) await madeBy(record() as RunRecord, join(folder, `${each.index}`));
      await open.save(frame(finished.length));
      await saveLatents(
        open,
        [...finished, frame(finished.length)].map((each) => ({ ...each, latent: frame(0).latent })),
      );
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 2 ** 20);
    expect(readdirSync(folder)).toEqual(['out.run']);
    expect(readdirSync(run).sort()).toEqual(['frames', 'latents.safetensors', 'look.png', 'run.json']);
    rmSync(run, { recursive: true });
  }
}

it('mutated run folders are used or refused with a typed error', () => useMutations(15));

it('many mutated run folders', { tags: ['long'] }, () => useMutations(300));

it('mutated parts of runs are used or refused with a typed error', async () => {
  expect(decodeClip(encodeClip(clip))).toEqual(clip);
  await readMutatedParts(folder, 8);
});

it('many mutated parts of runs', { tags: ['long'] }, () => readMutatedParts(folder, 400));
