import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeFileAtomic } from '@faceanim/backend-node';
import { decodeFrame, encodeFrame, encodeLatents, FaceanimError, type ProjectedFrame } from '@faceanim/core';

/** What a run was started with; a run goes on only with the same. */
export type RunSettings = Readonly<Record<string, unknown>>;

/** Finished frames on disk: `run.json` and `frames/000000.safetensors`, each written as a whole or not at all. */
export interface RunFolder {
  readonly path: string;
  /** Frames that were finished before, from frame 0 on without a gap. */
  readonly finished: readonly ProjectedFrame[];
  save(frame: ProjectedFrame): Promise<void>;
  /** Writes all latents into one file, from which `faceanim render` draws the animation again. */
  saveLatents(frames: readonly ProjectedFrame[], fps: number): Promise<string>;
}

/**
 * Opens a run folder: an empty one, or with `resume` one whose frames are kept.
 *
 * @throws {FaceanimError} `resume-mismatch` when it was started with other settings; `checkpoint-corrupt` naming a
 *   frame that cannot be read; `io`.
 */
export async function openRunFolder(
  path: string,
  settings: RunSettings,
  resume: boolean,
): Promise<RunFolder> {
  const frames = join(path, 'frames');
  if (!resume) await rm(frames, { recursive: true, force: true });
  await makeFolder(frames);
  if (resume) await checkSettings(path, settings);
  await writeFileAtomic(join(path, 'run.json'), `${JSON.stringify(settings, null, 2)}\n`);
  return {
    path,
    finished: resume ? await readFrames(frames) : [],
    save: (frame) => writeFileAtomic(join(frames, frameName(frame.index)), encodeFrame(frame)),
    saveLatents: async (all, fps) => {
      const file = join(path, 'latents.safetensors');
      const metadata = { fps: String(fps), generator: String(settings.generator) };
      await writeFileAtomic(
        file,
        encodeLatents(
          all.map(({ latent }) => latent),
          metadata,
        ),
      );
      return file;
    },
  };
}

/** The first 16 hexadecimal digits of the SHA-256 of a file. */
export async function fingerprint(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex').slice(0, 16);
}

const frameName = (index: number) => `${String(index).padStart(6, '0')}.safetensors`;

async function readFrames(folder: string): Promise<ProjectedFrame[]> {
  const names = new Set(await readdir(folder));
  const frames: ProjectedFrame[] = [];
  while (names.has(frameName(frames.length))) {
    const file = join(folder, frameName(frames.length));
    frames.push(decodeFrame(await readFile(file), { file }));
  }
  return frames;
}

async function checkSettings(path: string, settings: RunSettings): Promise<void> {
  const file = join(path, 'run.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return;
  const before = JSON.parse(text) as RunSettings;
  const now = JSON.parse(JSON.stringify(settings)) as RunSettings;
  const changed = Object.keys({ ...before, ...now }).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]),
  );
  if (changed.length === 0) return;
  const changes = changed.map(
    (key) => `${key} was ${JSON.stringify(before[key])}, is ${JSON.stringify(now[key])}`,
  );
  throw new FaceanimError(
    'resume-mismatch',
    `${path} holds a run with other settings: ${changes.join('; ')}.`,
    {
      file,
      hint: 'Resume with the settings of the first run, or leave out --resume to start anew.',
    },
  );
}
