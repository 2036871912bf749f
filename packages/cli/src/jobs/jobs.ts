import type { JobInfo, JobProgress, JobState, Jobs } from '@faceanim/jobs';
import { FaceanimError } from '@faceanim/tensor';
import { toWire } from '@faceanim/tensor/errors';
import { formatSeconds } from '../terminal/durations';
import { printable, printableJson } from '../terminal/printable';
import { columns } from '../terminal/tables';
import { followJob } from './follow';
import { jobsPackage, onWarning, type QueueFlags } from './jobs-package';

/** The flags of `faceanim jobs`. */
export interface JobsFlags extends QueueFlags {
  state?: JobState;
  limit?: number;
  wait?: boolean;
  cancel?: boolean;
  retry?: boolean;
  remove?: boolean;
  json?: boolean;
}

/** `faceanim jobs`: lists jobs, or shows, ends, repeats or removes one. */
export async function jobsCommand(
  id: string | undefined,
  { redis, storage, s3Endpoint, queue, ...flags }: JobsFlags,
  signal: AbortSignal,
): Promise<void> {
  const { openJobs } = await jobsPackage();
  await using jobs = await openJobs({ redis, storage, s3Endpoint, queue, onWarning });
  const text = id === undefined ? await listed(jobs, flags) : await changed(jobs, id, flags, signal);
  process.stdout.write(text);
}

async function listed(jobs: Jobs, { state, limit, json }: Partial<JobsFlags>): Promise<string> {
  const infos = await jobs.list({ states: state && [state], limit });
  if (json) return `${printableJson(infos.map(plain), 2)}\n`;
  const counts = Object.entries(await jobs.count()).map(
    ([name, count]) => `${count} ${name === 'failed' ? 'failed or cancelled' : name}`,
  );
  if (infos.length === 0) return `${counts.join(', ')}\n`;
  const head = ['job', 'state', 'progress', 'try', 'submitted', 'worker', 'why'];
  const rows = infos.map((info) => [
    info.id,
    info.state,
    info.progress && info.state !== 'done' ? progressText(info.progress) : '',
    `${info.tries}/${info.attempts}`,
    info.submitted.toISOString().slice(0, 16).replace('T', ' '),
    info.worker ?? '',
    info.error && info.state !== 'running' ? reason(info.error) : '',
  ]);
  return `${columns([head, ...rows])}\n\n${counts.join(', ')}\n`;
}

async function changed(
  jobs: Jobs,
  id: string,
  { wait, cancel, retry, remove, json }: Partial<JobsFlags>,
  signal: AbortSignal,
): Promise<string> {
  if (remove) {
    await jobs.remove(id);
    return `${id} is removed.\n`;
  }
  if (cancel) await jobs.cancel(id);
  if (retry) await jobs.retry(id);
  if (wait) return `${(await followJob(jobs, id, { signal })).animation}\n`;
  const info = await jobs.get(id);
  if (json) return `${printableJson(plain(info), 2)}\n`;
  const lines: [string, string | undefined][] = [
    ['job', info.id],
    // A running job ends after its current step.
    ['state', cancel && info.state === 'running' ? 'running, ends after the current step' : info.state],
    ['progress', info.progress && progressText(info.progress)],
    ['try', `${info.tries} of ${info.attempts}`],
    ['priority', `${info.priority}`],
    ['worker', info.worker],
    ['submitted', info.submitted.toISOString()],
    ['begun', info.begun?.toISOString()],
    ['ended', info.ended?.toISOString()],
    ['files', info.folder],
    ['why', info.error && reason(info.error)],
  ];
  return `${columns(lines.flatMap(([name, value]) => (value ? [[name, value]] : [])))}\n`;
}

function progressText({ stage, frame, position = frame, frames, fraction, etaSeconds }: JobProgress): string {
  const share = fraction === undefined ? '' : ` ${Math.round(100 * fraction)} %`;
  const which = position === undefined || !frames ? '' : `, frame ${position + 1} of ${frames}`;
  return `${stage}${share}${which}${etaSeconds ? `, ${formatSeconds(etaSeconds)} left` : ''}`;
}

/** `no-face: clip.mp4: No face was found.` */
function reason(error: Error): string {
  const code = FaceanimError.isInstance(error) ? `${error.code}: ` : '';
  return printable(code + error.message);
}

/** For JSON, which has no errors: they become objects with their code, message and hint. */
function plain({ error, ...info }: JobInfo): object {
  if (!error) return info;
  const { name, message, code, details } = toWire(error);
  return { ...info, error: { name, code, message, hint: details?.hint } };
}
