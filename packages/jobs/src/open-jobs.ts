import { randomBytes } from 'node:crypto';
import { FaceanimError, invalidOption, throwIfAborted } from '@faceanim/tensor/errors';
import {
  aFunction,
  anAbortSignal,
  aString,
  checkOptions,
  numberFrom,
  type OptionChecks,
  oneOf,
  positiveNumber,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { type JobState as BullState, Queue, QueueEvents, QueueEventsProducer } from 'bullmq';
import type { Redis } from 'ioredis';
import { type AnimateJob, checkJob, type JobResult, type StoredJob } from './job';
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
import { openPlace } from './open-place';
import {
  aQueueName,
  cancelledEvent,
  closeAll,
  defaultQueue,
  isQueueName,
  tellProblems,
  toBullPriority,
} from './queue';
import { placeInputs } from './storage/place-inputs';
import { filesIn, type JobFiles, type Storage, type StoredFile } from './storage/storage';
import { within } from './within';

/** Options of {@link openJobs}. */
export interface OpenJobsOptions {
  /** Address of Redis: `redis://host:6379`, `rediss://user:password@host:6380/0`. */
  readonly redis: string;
  /** The folder that all workers mount, too, or an S3-compatible bucket that they use, too: `s3://bucket/prefix`. */
  readonly storage: string;
  /** Address of an S3-compatible service. Default: what `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` says, else AWS. */
  readonly s3Endpoint?: string | undefined;
  /** Name of the queue, for several on one Redis. Default `faceanim`. */
  readonly queue?: string | undefined;
  /** Seconds in which Redis must answer; a call that waits longer throws `io`. Default 10. */
  readonly timeout?: number | undefined;
  /** Hears of breaks in the connection to Redis, which is restored by itself. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Options of {@link Jobs.submit}. */
export interface SubmitOptions {
  /** 0 to 100; the largest goes first, equal ones in order. Default 0. */
  readonly priority?: number | undefined;
  /** How often the job is tried at most, if it fails for a reason that may pass. Default 3. */
  readonly attempts?: number | undefined;
  /** Seconds until the second try, doubled before each later one. Default 10. */
  readonly backoff?: number | undefined;
  /** A name of your own: a job that was submitted under it before is not queued again. Default: a new one. */
  readonly id?: string | undefined;
  /** Stops copying inputs; the promise rejects with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link Jobs.list}. */
export interface ListOptions {
  /** Only jobs in these states. Default all. */
  readonly states?: readonly JobState[] | undefined;
  /** At most so many, the newest first. Default 100. */
  readonly limit?: number | undefined;
}

/**
 * A queue of jobs, as an application sees it.
 *
 * Methods that take an `id` throw `invalid-option` if there is no such job.
 */
export interface Jobs extends AsyncDisposable {
  /**
   * Copies the inputs to the storage and queues a job.
   *
   * @returns the id of the job
   * @throws {FaceanimError} `invalid-option`, also for an `id` whose folder holds the run of an earlier job; `io` if an input
   *   cannot be read or copied; `in-use` if another call has submitted a job under the same `id` at the same time
   */
  submit(job: AnimateJob, options?: SubmitOptions): Promise<string>;
  /** What is known about a job. */
  get(id: string): Promise<JobInfo>;
  /** Jobs, the newest first. `list({ states: ['failed'] })` are the dead letters. */
  list(options?: ListOptions): Promise<JobInfo[]>;
  /** Number of jobs by state. A job that was cancelled before it began counts as waiting until a worker comes by it. */
  count(): Promise<JobCounts>;
  /** Calls back with the progress of a job, a few times a second. The last report is in {@link JobInfo.progress}. @returns stops it */
  onProgress(id: string, listener: (progress: JobProgress) => void): () => void;
  /**
   * Waits for a job to end, however long Redis is away meanwhile, and returns its files.
   *
   * @throws the error with which it failed for good, with its code; `aborted` if it was cancelled, or by `signal`
   */
  result(id: string, options?: { signal?: AbortSignal | undefined }): Promise<JobFiles>;
  /**
   * Opens a file of {@link JobFiles}, on whichever storage it is.
   *
   * @example
   * const { animation } = await jobs.result(id);
   * const { size, stream } = await jobs.open(animation);
   * return new Response(stream(), { headers: { 'content-length': `${size}` } });
   */
  open(file: string): Promise<StoredFile>;
  /** Ends a job: at once if it waits, after the current step if it runs. Finished frames stay. A job that has ended stays as it is. */
  cancel(id: string): Promise<void>;
  /**
   * Queues a job that has failed or was cancelled once more, with all its tries; it goes on after its finished frames.
   *
   * @throws {FaceanimError} `in-use` while it runs, also until a cancelled one has ended
   */
  retry(id: string): Promise<void>;
  /**
   * Forgets a job that has ended or waits, and deletes its folder with everything in it.
   *
   * @throws {FaceanimError} `in-use` while it runs
   */
  remove(id: string): Promise<void>;
}

const openChecks: OptionChecks<OpenJobsOptions> = {
  redis: aString,
  storage: aString,
  s3Endpoint: aString,
  queue: aQueueName,
  timeout: positiveNumber,
  onWarning: aFunction,
};
const submitChecks: OptionChecks<SubmitOptions> = {
  priority: wholeNumberFrom(0, 100),
  attempts: wholeNumberFrom(1),
  backoff: numberFrom(0),
  id: aQueueName,
  signal: anAbortSignal,
};
const listChecks: OptionChecks<ListOptions> = {
  states: (value, name) => {
    const state = oneOf(...Object.keys(bullStates));
    for (const each of value as JobState[]) state(each, name);
  },
  limit: wholeNumberFrom(1),
};

/** An event may get lost while Redis restarts: whoever waits looks again after so long. */
const msBetweenLooks = 5000;

/** Ended jobs are kept for 30 days; their folders stay. */
const keep = { age: 30 * 24 * 3600 };

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
  checkOptions('openJobs', options, openChecks, { required: ['redis', 'storage'] });
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

class QueuedJobs implements Jobs {
  /** By job: who waits for its progress, and for its end. */
  readonly #listeners = new Map<string, Set<(progress: JobProgress) => void>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #closed = new AbortController();

  constructor(
    readonly queue: Queue<StoredJob, JobResult>,
    readonly events: QueueEvents,
    readonly producer: QueueEventsProducer,
    readonly storage: Storage,
    readonly connection: Redis,
    readonly timeout: number,
  ) {
    events.on('progress', ({ jobId, data }) => {
      for (const listener of this.#listeners.get(jobId) ?? []) listener(data as JobProgress);
    });
    const wake = ({ jobId }: { jobId: string }) => {
      for (const look of this.#waiting.get(jobId) ?? []) look();
    };
    for (const event of ['completed', 'failed', 'removed', cancelledEvent])
      events.on(event as 'completed', wake);
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
    const inputs = await placeInputs(this.storage, copies, job, signal).catch(async (error) => {
      // Nobody knows the files.
      await this.storage.remove(own ? copies : folder).catch(() => {});
      throw error;
    });
    const data = { folder, inputs, out, report, flags, submission };
    const queued = await this.#ask(async () => {
      await this.queue.add('animate', data, {
        ...{ jobId: id, priority: toBullPriority(priority), attempts },
        backoff: { type: 'exponential', delay: backoff * 1000 },
        ...{ removeOnComplete: keep, removeOnFail: keep },
      });
      return await this.#find(id);
    });
    // Redis has taken the first of several.
    if (queued && queued.data.submission !== submission) {
      await this.storage.remove(copies).catch(() => {});
      throw submittedTwice(id);
    }
    return id;
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

  async #list(options: ListOptions): Promise<JobInfo[]> {
    const { states = Object.keys(bullStates) as JobState[], limit = 100 } = options;
    const wanted = [...new Set<BullState>(states.flatMap((state) => [...bullStates[state]]))];
    const newest = await this.#newest(wanted);
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

  /** Ids of the jobs in some states, the newest first. */
  async #newest(states: readonly BullState[]): Promise<{ id: string; state: BullState }[]> {
    // A job that moves between two states while they are read is in both.
    const stateById = new Map<string, BullState>();
    for (const state of states)
      for (const id of await this.queue.getRanges([state], 0, -1)) if (isId(id)) stateById.set(id, state);
    const times = await Promise.all(
      [...stateById.keys()].map(async (id) =>
        Number(await this.connection.hget(this.queue.toKey(id), 'timestamp')),
      ),
    );
    return [...stateById]
      .map(([id, state], i) => ({ id, state, time: times[i]! }))
      .sort((a, b) => b.time - a.time);
  }

  count(): Promise<JobCounts> {
    return this.#ask(() => countJobs(this.queue));
  }

  onProgress(id: string, listener: (progress: JobProgress) => void): () => void {
    return added(this.#listeners, id, listener);
  }

  async result(id: string, { signal }: { signal?: AbortSignal | undefined } = {}): Promise<JobFiles> {
    const closed = this.#closed.signal;
    for (;;) {
      throwIfAborted(signal);
      throwIfAborted(closed);
      // Listens first: the job may end while its state is read.
      const { promise, stop } = this.#look(id, signal ? AbortSignal.any([signal, closed]) : closed);
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
    if (!isId(id) || isReserved(this.queue, id)) return undefined;
    return (await this.queue.getJob(id)) as QueuedJob | undefined;
  }

  async #job(id: string): Promise<QueuedJob> {
    const job = await this.#find(id);
    if (job) return job;
    throw new FaceanimError('invalid-option', `There is no job ${id}.`, {
      hint: 'list() has the jobs. Ended ones are kept for 30 days.',
    });
  }

  /** Resolves at the next event of a job, after a while, or when a signal fires. */
  #look(id: string, signal: AbortSignal): { promise: Promise<void>; stop: () => void } {
    let stop = () => {};
    const promise = new Promise<void>((resolve) => {
      const remove = added(this.#waiting, id, resolve);
      const timer = setTimeout(resolve, msBetweenLooks);
      const aborted = () => resolve();
      signal.addEventListener('abort', aborted);
      stop = () => {
        remove();
        clearTimeout(timer);
        signal.removeEventListener('abort', aborted);
      };
    });
    return { promise, stop };
  }
}

/** Adds a listener of a job, and returns how to remove it. */
function added<T>(listeners: Map<string, Set<T>>, id: string, listener: T): () => void {
  const set = listeners.get(id) ?? new Set();
  listeners.set(id, set.add(listener));
  return () => {
    set.delete(listener);
    if (set.size === 0) listeners.delete(id);
  };
}

async function isEnded(job: QueuedJob): Promise<boolean> {
  return (await job.isCompleted()) || (await job.isFailed());
}

/** Whether a text can be the id of a job. Those of parts cannot: they have a dot, and share the folder of their job. */
const isId = (id: string) => isQueueName.test(id);

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

/** BullMQ takes no id of digits alone. */
const newId = () => `job-${randomBytes(6).toString('hex')}`;
