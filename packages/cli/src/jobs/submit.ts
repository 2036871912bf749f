import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AnimateJob } from '@faceanim/jobs';
import type { AnimateOptions } from '../animate/options';
import { planAnimation } from '../animate/plan';
import { commandLine } from '../terminal/command-line';
import { followJob } from './follow';
import { jobsPackage, onWarning, type QueueFlags } from './jobs-package';

/** The flags of `faceanim submit` that are not those of `animate`. */
export interface SubmitFlags extends QueueFlags {
  out?: string;
  report?: boolean;
  priority?: number;
  attempts?: number;
  wait?: boolean;
  quiet?: boolean;
}

/**
 * `faceanim submit`: checks a run as `animate` does before it begins, and queues it.
 *
 * @param given flags of `animate` as they were written: name without dashes, to the text after it
 */
export async function submitCommand(
  options: Omit<AnimateOptions, 'out' | 'report'>,
  given: Readonly<Record<string, string | true>>,
  {
    redis,
    storage,
    s3Endpoint,
    queue,
    wait,
    quiet,
    priority,
    attempts,
    out = 'animation.mp4',
    report,
  }: SubmitFlags,
  signal: AbortSignal,
): Promise<void> {
  const { jobInputs, openJobs } = await jobsPackage();
  await using jobs = await openJobs({ redis, storage, s3Endpoint, queue, onWarning });
  const inputs: Record<string, string> = {};
  const flags: Record<string, string | true> = {};
  const roles = new Map<string, string>(Object.entries(jobInputs).map(([role, flag]) => [flag, role]));
  for (const [flag, value] of Object.entries(given)) {
    const role = roles.get(flag);
    if (role) inputs[role] = String(value);
    else flags[flag] = value;
  }
  // What lies in a bucket is checked by the worker that downloads it.
  const isHere = Object.values(inputs).every((path) => !path.startsWith('s3://'));
  // A name that cannot exist yet: the folder of the job is made when everything is right.
  if (isHere)
    await planAnimation({ ...options, out: join(tmpdir(), `faceanim-${process.pid}`, out) }, signal);
  const job = { ...inputs, out, report, flags } as unknown as AnimateJob;
  const id = await jobs.submit(job, { priority, attempts, signal });
  process.stdout.write(`${id}\n`);
  if (!quiet) process.stderr.write(`The files will be in ${(await jobs.get(id)).folder}\n`);
  if (!wait) {
    if (!quiet) process.stderr.write(`To watch it:\n  ${commandLine(['jobs', id, '--wait'])}\n`);
    return;
  }
  const { animation } = await followJob(jobs, id, { signal, quiet });
  process.stderr.write(`${animation}\n`);
}
