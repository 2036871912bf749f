import { FaceanimError, invalidOption } from '@faceanim/tensor/errors';
import { checkOptions, type OptionCheck, type OptionChecks, trueOrFalse } from '@faceanim/tensor/options';

/**
 * An input of a job: a path (a file, or a folder of frames), or content such as an uploaded `File`. A path on the storage, with
 * a bucket an `s3://` address, is used in place; everything else is copied to the folder of the job.
 */
export type JobFile = string | Blob;

/** The inputs of a job, and the flags of `faceanim animate` that take them. */
export const jobInputs = {
  driver: 'driver',
  look: 'look',
  blend: 'blend',
  initial: 'initial',
  generator: 'generator',
  encoder: 'encoder',
  fan: 'fan',
  lpips: 'lpips',
  lpipsHeads: 'lpips-heads',
} as const;

/** The name of an input. */
export type InputName = keyof typeof jobInputs;

/** What a job animates, and how. Inputs mean the same as the flags of `faceanim animate`. */
export interface AnimateJob extends Partial<Record<InputName, JobFile | undefined>> {
  /** The driving video: a video, an animated picture or a folder of frames. */
  readonly driver: JobFile;
  /** The picture whose face is animated. Without it, the face is free. */
  readonly look?: JobFile | undefined;
  /** Another video whose expressions are blended in. */
  readonly blend?: JobFile | undefined;
  /** Latents of which frame 0 starts at the first. */
  readonly initial?: JobFile | undefined;
  /** Checkpoint of the generator. Default: the bundled one, and so for all networks. */
  readonly generator?: JobFile | undefined;
  /** The generator's encoder. */
  readonly encoder?: JobFile | undefined;
  /** Checkpoint of the landmark network. */
  readonly fan?: JobFile | undefined;
  /** Trunk of LPIPS. */
  readonly lpips?: JobFile | undefined;
  /** Heads of LPIPS, if they are in a separate file. */
  readonly lpipsHeads?: JobFile | undefined;
  /** Name of the animation in the folder of the job; its extension decides the format. Default `animation.mp4`. */
  readonly out?: string | undefined;
  /** Whether to write a page that shows the run, `report.html`. Default false. */
  readonly report?: boolean | undefined;
  /**
   * Other flags of `faceanim animate`, without dashes: `{ 'steps-next': 5, weights: 'jaw=0.05', 'no-audio': true }`. A worker
   * checks their values; those that name files are refused here.
   */
  readonly flags?: Readonly<Record<string, string | number | boolean>> | undefined;
}

/** A job as it stands in the queue. */
export interface StoredJob {
  /** Folder of the job on the storage. */
  readonly folder: string;
  /** Paths on the storage. */
  readonly inputs: Readonly<Partial<Record<InputName, string>>>;
  readonly out: string;
  readonly report: boolean;
  readonly flags: NonNullable<AnimateJob['flags']>;
  /** Tells calls apart that submit a job under one id. */
  readonly submission: string;
  /** Present if it is a part of another job. */
  readonly part?: { readonly of: string; readonly number: number };
  /** Set by `cancel`: the job must not begin or go on. */
  readonly cancelled?: boolean;
}

/** What a job returns: the place of the folder with its results. */
export type JobResult = string;

/** Flags that a job does not take: it has its inputs as options, and the worker decides what is written and resumed. */
const reserved: ReadonlySet<string> = new Set([
  ...Object.values(jobInputs),
  ...['out', 'run', 'report', 'json', 'overwrite', 'resume', 'fresh', 'progress', 'quiet', 'help', 'part'],
  ...['max-pixels', 'max-seconds', 'max-bytes', 'checkpoints'],
]);

const aFile: OptionCheck = (value, name) => {
  if ((typeof value === 'string' && value !== '') || value instanceof Blob) return;
  throw invalidOption(name, value, 'a path or a Blob');
};

const aName: OptionCheck = (value, name) => {
  // The job has folders of these names.
  const taken = /^(inputs(-.*)?|run)$/i.test(String(value));
  if (typeof value === 'string' && /^\w[\w .-]*$/.test(value) && !taken) return;
  throw invalidOption(name, value, 'the name of a file, without a folder, other than inputs and run');
};

const theFlags: OptionCheck = (value, name) => {
  if (typeof value !== 'object' || value === null) throw invalidOption(name, value, 'an object of flags');
  for (const [flag, given] of Object.entries(value)) {
    if (!/^[a-z][a-z0-9-]*$/.test(flag))
      throw invalidOption(name, flag, 'an object of flags like steps-next, without dashes in front');
    if (reserved.has(flag)) {
      throw new FaceanimError('invalid-option', `${name} may not hold ${flag}.`, {
        hint: 'Inputs, out and report are options of the job. The worker decides about the other files and the limits.',
      });
    }
    if (!['string', 'number', 'boolean'].includes(typeof given))
      throw invalidOption(`${name}.${flag}`, given, 'a text, a number, true or false');
  }
};

const checks: OptionChecks<AnimateJob> = {
  ...(Object.fromEntries(Object.keys(jobInputs).map((name) => [name, aFile])) as OptionChecks<
    Record<InputName, JobFile>
  >),
  out: aName,
  report: trueOrFalse,
  flags: theFlags,
};

/** @throws {FaceanimError} `invalid-option` naming the option or flag. */
export function checkJob(job: AnimateJob): void {
  checkOptions('submit', job, checks, { required: ['driver'] });
}

/** The words after `faceanim animate` that run a job in its folder. They are the same on every machine. */
export function commandLineOf({ folder, inputs, out, report, flags }: StoredJob): string[] {
  const up = folder.split('/').map(() => '..');
  const fromFolder = (path: string) =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : [...up, path].join('/');
  return [
    ...Object.entries(inputs).map(([name, path]) => `--${jobInputs[name as InputName]}=${fromFolder(path)}`),
    `--out=${out}`,
    ...['--run=run', `--report=report.${report ? 'html' : 'json'}`],
    ...Object.entries(flags).flatMap(([flag, value]) => {
      if (typeof value === 'boolean') return value ? [`--${flag}`] : [];
      // Behind an equals sign, since a value may begin with a dash.
      return [`--${flag}=${value}`];
    }),
  ];
}
