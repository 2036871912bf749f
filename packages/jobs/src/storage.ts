import { createWriteStream } from 'node:fs';
import { access, constants, copyFile, cp, realpath, rm, stat } from 'node:fs/promises';
import { extname, isAbsolute, join, relative, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { asReadError, asWriteError, makeFolder, writeAtomically } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor/errors';
import { type AnimateJob, type InputName, type JobFile, jobInputs, type StoredJob } from './job';

/** The files of a job, as absolute paths on this machine. They exist when the job is done. */
export interface JobFiles {
  /** The folder of the job, which holds all others. */
  readonly folder: string;
  /** The animation: a video, an animated picture or a folder of frames. */
  readonly animation: string;
  /** The numbers of the run, as `faceanim animate --json` writes them. */
  readonly numbers: string;
  /** The page that shows the run, if the job asked for one. */
  readonly report: string | undefined;
  /** The run folder, with finished frames even of a job that was cancelled or has failed. */
  readonly run: string;
  /** The latents of the whole run, for `faceanim render`. */
  readonly latents: string;
}

/** A folder that all machines mount, perhaps in different places. Jobs are in `jobs/ID`. */
export class Storage {
  private constructor(readonly root: string) {}

  /** @throws {FaceanimError} `io` for a folder that does not exist or may not be written. */
  static async open(path: string): Promise<Storage> {
    try {
      const root = await realpath(path);
      await access(root, constants.W_OK | constants.X_OK);
      if ((await stat(root)).isDirectory()) return new Storage(root);
    } catch (error) {
      throw asReadError(error, path);
    }
    throw new FaceanimError('io', `The storage ${path} is not a folder.`, { file: path });
  }

  /** @throws {FaceanimError} `io` while the folder is gone. */
  async check(): Promise<void> {
    await access(this.root, constants.W_OK | constants.X_OK).catch((error) => {
      throw asReadError(error, this.root);
    });
  }

  folderOf(id: string): string {
    return `jobs/${id}`;
  }

  path(stored: string): string {
    return join(this.root, stored);
  }

  filesOf({ folder, out, report }: Pick<StoredJob, 'folder' | 'out' | 'report'>): JobFiles {
    const file = (name: string) => this.path(`${folder}/${name}`);
    return {
      folder: this.path(folder),
      animation: file(out),
      numbers: file('report.json'),
      report: report ? file('report.html') : undefined,
      run: file('run'),
      latents: file('run/latents.safetensors'),
    };
  }

  /** @throws {FaceanimError} `invalid-option` if the folder of a job holds a run: a new job must not write over it. */
  async checkUnused(folder: string): Promise<void> {
    const path = this.path(folder);
    const isFree = await access(join(path, 'run')).then(
      () => false,
      // A folder that cannot be looked into cannot be written to either, which is reported then.
      () => true,
    );
    if (isFree) return;
    throw new FaceanimError('invalid-option', `${path} holds the run of an earlier job.`, {
      file: path,
      hint: 'Choose another id, or delete the folder if you need nothing in it.',
    });
  }

  /** Puts the inputs of a job on the storage, and returns their places. */
  async place(folder: string, job: AnimateJob, signal?: AbortSignal): Promise<StoredJob['inputs']> {
    const inputs: Partial<Record<InputName, string>> = {};
    await makeFolder(this.path(folder));
    for (const name of Object.keys(jobInputs) as InputName[]) {
      const file = job[name];
      if (file !== undefined) inputs[name] = await this.#put(folder, jobInputs[name], file, signal);
    }
    return inputs;
  }

  async remove(folder: string): Promise<void> {
    await rm(this.path(folder), { recursive: true, force: true }).catch((error) => {
      throw asWriteError(error, this.path(folder));
    });
  }

  async #put(folder: string, name: string, file: JobFile, signal: AbortSignal | undefined): Promise<string> {
    if (typeof file !== 'string') {
      const target = `${folder}/inputs/${name}${extensionOf((file as Partial<File>).name)}`;
      await writeAtomically(this.path(target), (temporary) =>
        pipeline(Readable.fromWeb(file.stream() as never), createWriteStream(temporary), { signal }),
      );
      return target;
    }
    const source = await realpath(file).catch((error) => {
      throw asReadError(error, file);
    });
    const inside = relative(this.root, source);
    if (!inside.startsWith('..') && !isAbsolute(inside)) return inside.split(sep).join('/');
    const isFolder = (await stat(source)).isDirectory();
    const target = `${folder}/inputs/${name}${isFolder ? '' : extensionOf(source)}`;
    try {
      if (isFolder) await cp(source, this.path(target), { recursive: true, dereference: true });
      else await writeAtomically(this.path(target), (temporary) => copyFile(source, temporary));
    } catch (error) {
      throw asWriteError(error, this.path(target));
    }
    return target;
  }
}

/** The extension of a name that a stranger may have chosen. */
function extensionOf(name = ''): string {
  const extension = extname(name).toLowerCase();
  return /^\.[a-z0-9]{1,11}$/.test(extension) ? extension : '';
}
