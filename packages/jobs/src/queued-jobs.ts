import { randomBytes } from 'node:crypto';
import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/tensor/errors';
import {
  anAbortSignal,
  checkOptions,
  numberFrom,
  type OptionChecks,
  oneOf,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { JobState as BullState, Queue, QueueEvents, QueueEventsProducer } from 'bullmq';
import type { Redis } from 'ioredis';
import { type AnimateJob, checkJob, type JobResult, type StoredJob } from './job';
import { JobEvents } from './job-events';
import {
  bullStates,
  countJobs,
  infoOf,
  type JobCounts,
  type JobInfo,
  type JobProgress,
  type JobState,
  type QueuedJob,
} from './job-info';
import type { Jobs, ListOptions, SubmitOptions } from './jobs';
import { newestJobs } from './newest-jobs';
import { aQueueName, cancelledEvent, closeAll, isJobId, toBullPriority } from './queue';
import { placeInputs } from './storage/place-inputs';
import { filesIn, type JobFiles, type Storage, type StoredFile } from './storage/storage';
import { within } from './within';

const jobStates = Object.keys(bullStates) as JobState[];
const submitChecks: OptionChecks<SubmitOptions> = {
  priority: wholeNumberFrom(0, 100),
  attempts: wholeNumberFrom(1),
  backoff: numberFrom(0),
  id: aQueueName,
  signal: anAbortSignal,
};
const listChecks: OptionChecks<ListOptions> = {
  states: (value, name) => {
    const state = oneOf(...jobStates);
    for (const each of value as JobState[]) state(each, name);
  },
  limit: wholeNumberFrom(1),
};

/** Ended jobs are kept for 30 days; their folders stay. */
const keep = { age: 30 * 24 * 3600 };

/** The jobs of a queue on BullMQ. */
export class QueuedJobs implements Jobs {
  readonly #closed = new AbortController();
  readonly #watched: JobEvents;

  constructor(
    readonly queue: Queue<StoredJob, JobResult>,
    readonly events: QueueEvents,
    readonly producer: QueueEventsProducer,
    readonly storage: Storage,
    readonly connection: Redis,
    readonly timeout: number,
  ) {
    this.#watched = new JobEvents(events);
  }

  async submit(job: AnimateJob, options: SubmitOptions = {}): Promise<string> {
    checkJob(job);
    checkOptions('submit', options, submitChecks);
    const { id = newId(), priority = 0, attempts = 3, backoff = 10, signal } = options;
    throwIfAborted(signal);
    if (isReserved(this.queue, id))
      throw invalidOption('id', id, 'a name that the queue itself does not use');
    // Before anything is copied: nobody answers if Redis is away.
    if (await this.#ask(() => this.#find(id))) return id;
    const { out = 'animation.mp4', report = false, flags = {} } = job;
    const folder = `jobs/${id}`;
    const own = options.id !== undefined;
    if (own && (await this.storage.hasRun(folder))) throw holdsRun(this.storage.addressOf(folder));
    // Under an id of the caller, another call may be copying its inputs at the same moment.
    const submission = newId();
    const copies = own ? `${folder}/inputs-${submission}` : `${folder}/inputs`;
    let mayBeQueued = false;
    try {
      const inputs = await placeInputs(this.storage, copies, job, signal);
      const data = { folder, inputs, out, report, flags, submission };
      const queued = await this.#ask(async () => {
        mayBeQueued = true;
        const adding = this.queue.add('animate', data, {
          ...{ jobId: id, priority: toBullPriority(priority), attempts },
          backoff: { type: 'exponential', delay: backoff * 1000 },
          ...{ removeOnComplete: keep, removeOnFail: keep },
        });
        await adding.catch((error) => {
          mayBeQueued = !isRefusal(error);
          throw error;
        });
        return await this.#find(id);
      });
      // Redis has taken the first of several.
      mayBeQueued = queued === undefined || queued.data.submission === submission;
      if (!mayBeQueued) throw submittedTwice(id);
      return id;
    } catch (error) {
      // Nobody knows the copies. A job that Redis may have, though it has not said so, needs them.
      if (!mayBeQueued) await this.storage.remove(own ? copies : folder).catch(() => {});
      throw error;
    }
  }

  async get(id: string): Promise<JobInfo> {
    return (await this.#ask(() => this.#read(id))).info;
  }

  async #read(id: string): Promise<{ job: QueuedJob; info: JobInfo }> {
    // The state first: what is read after it says at least as much, such as why the job has failed.
    const state = await this.queue.getJobState(id);
    const job = await this.#job(id);
    return { job, info: this.#infoOf(job, state as BullState) };
  }

  async list(options: ListOptions = {}): Promise<JobInfo[]> {
    checkOptions('list', options, listChecks);
    return await this.#ask(() => this.#list(options));
  }

  async #list({ states = jobStates, limit = 100 }: ListOptions): Promise<JobInfo[]> {
    const newest = await newestJobs(this.queue, this.connection, states);
    const found: JobInfo[] = [];
    // Redis may keep many thousands: only as many as are asked for are read as a whole.
    for (let start = 0; found.length < limit && start < newest.length; start += limit) {
      const page = await Promise.all(
        newest.slice(start, start + limit).map(async ({ id, state }) => {
          const job = await this.#find(id);
          return job && this.#infoOf(job, state);
        }),
      );
      found.push(...(page.filter((info) => info !== undefined && states.includes(info.state)) as JobInfo[]));
    }
    return found.slice(0, limit);
  }

  count(): Promise<JobCounts> {
    return this.#ask(() => countJobs(this.queue));
  }

  onProgress(id: string, listener: (progress: JobProgress) => void): () => void {
    return this.#watched.onProgress(id, listener);
  }

  async result(id: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<JobFiles> {
    const closed = this.#closed.signal;
    for (;;) {
      throwIfAborted(signal);
      throwIfAborted(closed);
      // Listens first: the job may end while its state is read.
      const { promise, stop } = this.#watched.next(id, signal ? AbortSignal.any([signal, closed]) : closed);
      try {
        // The job goes on while Redis is away.
        const read = await Promise.race([this.#read(id), promise]);
        if (!read) continue;
        const { state, error } = read.info;
        if (state === 'done') return filesIn(this.storage, read.job.returnvalue, read.job.data);
        if (state === 'failed') throw error;
        if (state === 'cancelled')
          throw FaceanimError.isInstance(error, 'aborted')
            ? error
            : new FaceanimError('aborted', `The job ${id} was cancelled.`);
        await promise;
      } finally {
        stop();
      }
    }
  }

  open(file: string): Promise<StoredFile> {
    return this.storage.open(file);
  }

  cancel(id: string): Promise<void> {
    return this.#ask(() => this.#cancel(id));
  }

  async #cancel(id: string): Promise<void> {
    const job = await this.#job(id);
    if (await isEnded(job)) return;
    await job.updateData({ ...job.data, cancelled: true });
    // Workers that run it hear of it; one that begins it later reads the data.
    await this.producer.publishEvent({ eventName: cancelledEvent, jobId: id });
    // Parts that wait see that their job is cancelled; those that run have to hear it.
    const { unprocessed = [] } = await job.getDependencies();
    for (const key of unprocessed)
      await this.producer.publishEvent({ eventName: cancelledEvent, jobId: key.split(':').at(-1)! });
  }

  retry(id: string): Promise<void> {
    return this.#ask(() => this.#retry(id));
  }

  async #retry(id: string): Promise<void> {
    const job = await this.#job(id);
    if (await job.isActive()) {
      throw new FaceanimError('in-use', `The job ${id} runs.`, {
        hint: 'If it was cancelled, retry it when its current step has ended.',
      });
    }
    const { cancelled: _, ...data } = job.data;
    await job.updateData(data);
    if (!(await job.isFailed())) return;
    // BullMQ would go on counting how often its worker was killed.
    await this.connection.hdel(this.queue.toKey(id), 'stc');
    await job.retry('failed', { resetAttemptsMade: true });
  }

  async remove(id: string): Promise<void> {
    const job = await this.#ask(() => this.#forget(id));
    await this.storage.remove(job.data.folder);
  }

  async #forget(id: string): Promise<QueuedJob> {
    const job = await this.#job(id);
    await job.remove().catch((cause: Error) => {
      if (!/locked/.test(cause.message)) throw cause;
      throw new FaceanimError('in-use', `The job ${id} runs.`, { cause, hint: 'Cancel it first.' });
    });
    return job;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await closeAll(this.connection, [this.queue, this.events, this.producer]);
    await this.storage[Symbol.asyncDispose]();
  }

  #ask<T>(work: () => Promise<T>): Promise<T> {
    return within(this.connection, this.timeout, work);
  }

  #infoOf(job: QueuedJob, state: BullState): JobInfo {
    return infoOf(job, state, this.storage.addressOf(job.data.folder));
  }

  async #find(id: string): Promise<QueuedJob | undefined> {
    if (!isJobId(id) || isReserved(this.queue, id)) return undefined;
    return (await this.queue.getJob(id)) as QueuedJob | undefined;
  }

  async #job(id: string): Promise<QueuedJob> {
    const job = await this.#find(id);
    if (job) return job;
    throw new FaceanimError('invalid-option', `There is no job ${id}.`, {
      hint: 'list() has the jobs. Ended ones are kept for 30 days.',
    });
  }
}

async function isEnded(job: QueuedJob): Promise<boolean> {
  return (await job.isCompleted()) || (await job.isFailed());
}

/** BullMQ keeps its own data beside the jobs, under names like `meta`. */
const isReserved = (queue: Queue<StoredJob, JobResult>, id: string) => Object.hasOwn(queue.keys, id);

function holdsRun(folder: string): FaceanimError {
  return new FaceanimError('invalid-option', `${folder} holds the run of an earlier job.`, {
    file: folder,
    hint: 'Choose another id, or delete the folder if you need nothing in it.',
  });
}

function submittedTwice(id: string): FaceanimError {
  return new FaceanimError('in-use', `Another call has submitted the job ${id} at the same time.`, {
    hint: 'Its inputs count. If it was the same job, go on with the id.',
  });
}

/** Whether Redis has answered that it does not do what it was asked for, as it does without memory. */
const isRefusal = (error: Error) => error.name === 'ReplyError';

/** BullMQ takes no id of digits alone. */
const newId = () => `job-${randomBytes(6).toString('hex')}`;
