import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  decodeClip,
  encodeClip,
  type Part,
  type PreparedClip,
  type PreparedPart,
} from '@faceanim/core/parts';
import { asReadError, makeFolder, writeFileAtomic } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor';
import { openRunFolder } from './folder';
import { partsName, planName } from './names';
import type { RunFolder } from './open-run';
import type { RunRecord } from './record';

/**
 * The parts of a run, in its folder: `parts/plan.json` lists them, and for each there is what it is optimised from,
 * `parts/001.safetensors`, and a run folder with its finished frames, `parts/001`.
 */
export class PartsFolder {
  private constructor(
    readonly path: string,
    readonly parts: readonly Part[],
  ) {}

  /**
   * The parts of a run that was prepared; undefined of another one.
   *
   * @throws {FaceanimError} `io`; `checkpoint-corrupt` for a damaged plan.
   */
  static async read(run: string): Promise<PartsFolder | undefined> {
    const path = join(run, partsName);
    const file = join(path, planName);
    const text = await readFile(file, 'utf8').catch((error) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw asReadError(error, file);
    });
    return text === undefined ? undefined : new PartsFolder(path, parsePlan(text, file));
  }

  /** Writes a file for each part as it comes, and the plan after them: a run with a plan is prepared. */
  static async write(run: string, prepared: AsyncIterable<PreparedPart>): Promise<PartsFolder> {
    const path = join(run, partsName);
    const parts: Part[] = [];
    for await (const { part, clip } of prepared) {
      await makeFolder(path);
      await writeFileAtomic(join(path, `${nameOf(parts.length)}.safetensors`), encodeClip(clip));
      parts.push(part);
    }
    await writeFileAtomic(join(path, planName), `${JSON.stringify(parts, null, 2)}\n`);
    return new PartsFolder(path, parts);
  }

  /** What a part is optimised from. @throws {FaceanimError} `io` or `checkpoint-corrupt` naming the file. */
  async clip(position: number): Promise<PreparedClip> {
    const file = join(this.path, `${nameOf(position)}.safetensors`);
    const bytes = await readFile(file).catch((error) => {
      throw asReadError(error, file);
    });
    return decodeClip(bytes, { file });
  }

  /** The run folder of a part. @throws {FaceanimError} as `openRunFolder`. */
  open(position: number, record: RunRecord, onWarning?: (message: string) => void): Promise<RunFolder> {
    return openRunFolder(join(this.path, nameOf(position)), record, { resume: true }, onWarning);
  }
}

/** `001` */
const nameOf = (position: number) => String(position + 1).padStart(3, '0');

function parsePlan(text: string, file: string): readonly Part[] {
  try {
    const parts = JSON.parse(text) as Part[];
    const whole = parts.every(({ start, end, overlap }) => [start, end, overlap].every(Number.isInteger));
    if (whole && parts.length > 0) return parts;
  } catch {
    // Reported below, like any other unexpected content.
  }
  throw new FaceanimError('checkpoint-corrupt', `${file} is damaged.`, {
    file,
    hint: 'Start over with --fresh.',
  });
}
