import type { ProgressEvent } from '@faceanim/core';
import { FaceanimError } from '@faceanim/tensor/errors';
import type { JobState as BullState, Job, Queue } from 'bullmq';
import type { JobResult, StoredJob } from './job';
import { fromBullPriority } from './queue';
import { errorOf } from './retries';

/**
 * Where a job stands: `waiting` for a worker; `running`; `delayed` until its next try; and, for good, `done`, `failed` or
 * `cancelled`. Failed jobs are the dead letters: `error` says why.
 */
export type JobState = 'waiting' | 'running' | 'delayed' | 'done' | 'failed' | 'cancelled';

/** How far a job is: what `onProgress` of `projectSequence` tells. */
export type JobProgress = ProgressEvent;

/** What is known about a job. */
export interface JobInfo {
  readonly id: string;
  readonly state: JobState;
  /** 0 to 100, the largest first. */
  readonly priority: number;
  /** How often it was tried, and is tried at most. */
  readonly tries: number;
  readonly attempts: number;
  /** The last report of the worker. */
  readonly progress: JobProgress | undefined;
  /** Name of the worker that runs or ran it. */
  readonly worker: string | undefined;
  /** Why it has failed, or the last try has: a `FaceanimError` with the code that was thrown on the worker. */
  readonly error: Error | undefined;
  /** The folder of the job: an absolute path, or an `s3://` address. Finished frames are in `run`, with a bucket in `tries`. */
  readonly folder: string;
  readonly submitted: Date;
  /** When its last try began. */
  readonly begun: Date | undefined;
  readonly ended: Date | undefined;
}

/** Jobs as BullMQ keeps them. */
export type QueuedJob = Job<StoredJob, JobResult>;

/** BullMQ's states, by ours. */
export const bullStates = {
  waiting: ['prioritized', 'waiting'],
  // A job whose parts are optimised waits for its children.
  running: ['active', 'waiting-children'],
  delayed: ['delayed'],
  done: ['completed'],
  failed: ['failed'],
  cancelled: ['failed', 'prioritized', 'waiting', 'delayed', 'waiting-children'],
} as const satisfies Record<JobState, readonly BullState[]>;

/** Describes a job whose state BullMQ has told. */
export function infoOf(job: QueuedJob, bullState: BullState, folder: string): JobInfo {
  const error = job.failedReason ? errorOf(job.failedReason) : undefined;
  const date = (ms: number | undefined) => (ms ? new Date(ms) : undefined);
  return {
    id: job.id!,
    state: stateOf(job, bullState, error),
    priority: fromBullPriority(job.opts.priority!),
    tries: job.attemptsMade + (bullState === 'active' ? 1 : 0),
    attempts: job.opts.attempts ?? 1,
    progress: typeof job.progress === 'object' ? (job.progress as JobProgress) : undefined,
    worker: job.processedBy,
    error: bullState === 'completed' ? undefined : error,
    folder,
    submitted: new Date(job.timestamp),
    begun: date(job.processedOn),
    ended: date(job.finishedOn),
  };
}

function stateOf({ data }: QueuedJob, bullState: BullState, error: Error | undefined): JobState {
  switch (bullState) {
    case 'active':
      return 'running';
    case 'waiting-children':
      return data.cancelled ? 'cancelled' : 'running';
    case 'completed':
      return 'done';
    case 'failed':
      return FaceanimError.isInstance(error, 'aborted') ? 'cancelled' : 'failed';
    case 'delayed':
      return data.cancelled ? 'cancelled' : 'delayed';
    default:
      return data.cancelled ? 'cancelled' : 'waiting';
  }
}

/** Number of jobs by state. A cancelled job counts as failed, or as waiting until a worker comes by it. */
export type JobCounts = Readonly<Record<Exclude<JobState, 'cancelled'>, number>>;

export async function countJobs(queue: Queue<StoredJob, JobResult>): Promise<JobCounts> {
  const counts = await queue.getJobCounts();
  const of = (state: JobState) => bullStates[state].reduce((sum, each) => sum + (counts[each] ?? 0), 0);
  return {
    ...{ waiting: of('waiting'), running: of('running'), delayed: of('delayed') },
    ...{ done: of('done'), failed: of('failed') },
  };
}
