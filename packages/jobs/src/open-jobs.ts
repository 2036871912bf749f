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
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import { type JobState as BullState, Queue, QueueEvents, QueueEventsProducer } from 'bullmq';
import type { Redis } from 'ioredis';
import { type AnimateJob, checkJob, type StoredJob } from './job';
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
import { aQueueName, cancelledEvent, connect, defaultQueue, isQueueName, toBullPriority } from './queue';
import { type JobFiles, Storage } from './storage';

/** Options of {@link openJobs}. */
export interface OpenJobsOptions {
  /** Address of Redis: `redis://host:6379`, `rediss://user:password@host:6380/0`. */
  readonly redis: string;
  /** The folder that all workers mount, too. */
  readonly storage: string;
  /** Name of the queue, for several on one Redis. Default `faceanim`. */
  readonly queue?: string;
  /** Hears of breaks in the connection to Redis, which is restored by itself. */
  readonly onWarning?: (message: string) => void;
}

/** Options of {@link Jobs.submit}. */
export interface SubmitOptions {
  /** 0 to 100; the largest goes first, equal ones in order. Default 0. */
  readonly priority?: number;
  /** How often the job is tried at most, if it fails for a reason that may pass. Default 3. */
  readonly attempts?: number;
  /** Seconds until the second try, doubled before each later one. Default 10. */
  readonly backoff?: number;
  /** A name of your own: a job that was submitted under it before is not queued again. Default: a new one. */
  readonly id?: string;
  /** Stops copying inputs; the promise rejects with `aborted`. */
  readonly signal?: AbortSignal;
}

/** Options of {@link Jobs.list}. */
export interface ListOptions {
  /** Only jobs in these states. Default all. */
  readonly states?: readonly JobState[];
  /** At most so many, the newest first. Default 100. */
  readonly limit?: number;
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
   *   cannot be read or copied
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
   * Waits for a job to end, and returns its files.
   *
   * @throws the error with which it failed for good, with its code; `aborted` if it was cancelled, or by `signal`
   */
  result(id: string, options?: { signal?: AbortSignal }): Promise<JobFiles>;
  /** Places of the files of a job, whether or not they exist yet. */
  files(id: string): Promise<JobFiles>;
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
  queue: aQueueName,
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
 * Opens a queue of jobs for an application. Workers ({@link startWorker}, `faceanim worker`) run them. While Redis is away, calls
 * wait until it is back.
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
  const storage = await Storage.open(options.storage);
  const connection = await connect(options.redis);
  const name = options.queue ?? defaultQueue;
  const queue = new Queue<StoredJob, null>(name, { connection });
  const events = new QueueEvents(name, { connection });
  const producer = new QueueEventsProducer(name, { connection });
  const warn = ({ message }: Error) => options.onWarning?.(`Redis: ${message}`);
  queue.on('error', warn);
  events.on('error', warn);
  producer.on('error', warn);
  await events.waitUntilReady();
  return new QueuedJobs(queue, events, producer, storage, connection);
}

class QueuedJobs implements Jobs {
  /** By job: who waits for its progress, and for its end. */
  readonly #listeners = new Map<string, Set<(progress: JobProgress) => void>>();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #closed = new AbortController();

  constructor(
    readonly queue: Queue<StoredJob, null>,
    readonly events: QueueEvents,
    readonly producer: QueueEventsProducer,
    readonly storage: Storage,
    readonly connection: Redis,
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
    const own = options.id !== undefined;
    if (own && (await this.#find(id))) return id;
    const { out = 'animation.mp4', report = false, flags = {} } = job;
    const folder = this.storage.folderOf(id);
    if (own) await this.storage.checkUnused(folder);
    const inputs = await this.#place(folder, job, signal).catch(async (error) => {
      // Nobody knows the folder. One with a name of the caller may hold files that are not ours.
      if (!own) await this.storage.remove(folder).catch(() => {});
      throw error;
    });
    await this.queue.add(
      'animate',
      { folder, inputs, out, report, flags },
      {
        ...{ jobId: id, priority: toBullPriority(priority), attempts },
        backoff: { type: 'exponential', delay: backoff * 1000 },
        ...{ removeOnComplete: keep, removeOnFail: keep },
      },
    );
    return id;
  }

  async #place(folder: string, job: AnimateJob, signal?: AbortSignal): Promise<StoredJob['inputs']> {
    const inputs = await this.storage.place(folder, job, signal).catch((error) => {
      throwIfAborted(signal);
      throw error;
    });
    throwIfAborted(signal);
    return inputs;
  }

  async get(id: string): Promise<JobInfo> {
    // The state first: what is read after it says at least as much, such as why the job has failed.
    const state = await this.queue.getJobState(id);
    const job = await this.#job(id);
    return infoOf(job, state as BullState);
  }

  async list(options: ListOptions = {}): Promise<JobInfo[]> {
    checkOptions('list', options, listChecks);
    const { states = Object.keys(bullStates) as JobState[], limit = 100 } = options;
    const wanted = [...new Set<BullState>(states.flatMap((state) => [...bullStates[state]]))];
    const newest = await this.#newest(wanted);
    const found: JobInfo[] = [];
    // Redis may keep many thousands: only as many as are asked for are read as a whole.
    for (let start = 0; found.length < limit && start < newest.length; start += limit) {
      const page = await Promise.all(
        newest.slice(start, start + limit).map(async ({ id, state }) => {
          const job = await this.#find(id);
          return job && infoOf(job, state);
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
    return countJobs(this.queue);
  }

  onProgress(id: string, listener: (progress: JobProgress) => void): () => void {
    return added(this.#listeners, id, listener);
  }

  async result(id: string, { signal }: { signal?: AbortSignal } = {}): Promise<JobFiles> {
    const closed = this.#closed.signal;
    for (;;) {
      throwIfAborted(signal);
      throwIfAborted(closed);
      // Listens first: the job may end while its state is read.
      const { promise, stop } = this.#look(id, signal ? AbortSignal.any([signal, closed]) : closed);
      try {
        const { state, error } = await this.get(id);
        if (state === 'done') return await this.files(id);
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

  async files(id: string): Promise<JobFiles> {
    return this.storage.filesOf((await this.#job(id)).data);
  }

  async cancel(id: string): Promise<void> {
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

  async retry(id: string): Promise<void> {
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
    const job = await this.#job(id);
    await job.remove().catch((cause: Error) => {
      if (!/locked/.test(cause.message)) throw cause;
      throw new FaceanimError('in-use', `The job ${id} runs.`, { cause, hint: 'Cancel it first.' });
    });
    await this.storage.remove(job.data.folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await Promise.all([this.queue.close(), this.events.close(), this.producer.close()]);
    this.connection.disconnect();
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
const isReserved = (queue: Queue<StoredJob, null>, id: string) => Object.hasOwn(queue.keys, id);

/** BullMQ takes no id of digits alone. */
const newId = () => `job-${randomBytes(6).toString('hex')}`;
