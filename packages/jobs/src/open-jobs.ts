import { aFunction, checkOptions, type OptionChecks, positiveNumber } from '@faceanim/tensor/options';
import { Queue, QueueEvents, QueueEventsProducer } from 'bullmq';
import type { JobResult, StoredJob } from './job';
import type { Jobs } from './jobs';
import { openPlace, placeChecks, type QueuePlace } from './open-place';
import { defaultQueue, tellProblems } from './queue';
import { QueuedJobs } from './queued-jobs';
import { within } from './within';

/** Options of {@link openJobs}. */
export interface OpenJobsOptions extends QueuePlace {
  /** Seconds in which Redis must answer; a call that waits longer throws `io`. Default 10. */
  readonly timeout?: number | undefined;
  /** Hears of breaks in the connection to Redis, which is restored by itself. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

const checks: OptionChecks<OpenJobsOptions> = {
  ...placeChecks,
  timeout: positiveNumber,
  onWarning: aFunction,
};

/**
 * Opens a queue of jobs for an application. Workers ({@link startWorker}, `faceanim worker`) run them. Options that are
 * `undefined` count as left out.
 *
 * @throws {FaceanimError} `invalid-option`; `io` if Redis or the storage cannot be reached
 *
 * @example
 * await using jobs = await openJobs({ redis: 'redis://localhost:6379', storage: '/mnt/faceanim' });
 * const id = await jobs.submit({ look: 'look.png', driver: 'clip.mp4' });
 * jobs.onProgress(id, ({ frame, frames }) => console.log(frame, frames));
 * const { animation } = await jobs.result(id);
 */
export async function openJobs(options: OpenJobsOptions): Promise<Jobs> {
  checkOptions('openJobs', options, checks, { required: ['redis', 'storage'] });
  const { queue: name = defaultQueue, timeout = 10 } = options;
  const { storage, connection } = await openPlace(options);
  const queue = new Queue<StoredJob, JobResult>(name, { connection });
  const events = new QueueEvents(name, { connection });
  const producer = new QueueEventsProducer(name, { connection });
  tellProblems(connection, [queue, events, producer], (message) => options.onWarning?.(message));
  const jobs = new QueuedJobs(queue, events, producer, storage, connection, timeout);
  try {
    await within(connection, timeout, () => events.waitUntilReady());
    return jobs;
  } catch (error) {
    await jobs[Symbol.asyncDispose]();
    throw error;
  }
}
