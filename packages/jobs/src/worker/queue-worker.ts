import { hostname } from 'node:os';
import { join } from 'node:path';
import { FaceanimError, throwIfAborted } from '@faceanim/tensor/errors';
import { Worker as BullWorker, Queue, QueueEvents, WaitingChildrenError } from 'bullmq';
import type { Redis } from 'ioredis';
import { commandLineOf, type JobResult, type StoredJob } from '../job';
import { countJobs, type JobProgress, type QueuedJob } from '../job-info';
import { cancelledEvent, closeAll, defaultQueue, tellProblems, unlessAway } from '../queue';
import type { Storage } from '../storage/storage';
import { Devices } from './devices';
import { endOfTry, type StopReason } from './end-of-try';
import { latestOnly } from './latest-only';
import { limitFlags } from './limits';
import { WorkerMetrics } from './metrics';
import type { RunJob, Worker, WorkerEvent, WorkerOptions } from './options';
import { hasParts, partsOf, queueParts, tellParts } from './parts';
import { runProcess } from './run-process';
import { type MetricsServer, serveMetrics } from './serve-metrics';

/** How often a job may outlive its worker before it fails: it may be what kills them. */
const maxStalled = 3;

const msBetweenProgress = 250;

export class QueueWorker implements Worker {
  readonly name: string;
  readonly #run: RunJob;
  readonly #queue: Queue<StoredJob, JobResult>;
  readonly #events: QueueEvents;
  readonly #worker: BullWorker<StoredJob, JobResult>;
  readonly #devices: Devices;
  /** The runs of this moment. */
  readonly #runs = new Set<Promise<void>>();
  readonly #metrics: WorkerMetrics;
  #server: MetricsServer | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    readonly options: WorkerOptions,
    readonly storage: Storage,
    readonly connection: Redis,
  ) {
    const { queue = defaultQueue, devices, concurrency = 1, stalledAfter = 30 } = options;
    this.name = options.name ?? `${hostname()}-${process.pid}`;
    this.#run = options.run ?? runProcess();
    this.#devices = new Devices(devices);
    this.#queue = new Queue(queue, { connection });
    this.#events = new QueueEvents(queue, { connection });
    // Three arguments: only then BullMQ makes a signal.
    this.#worker = new BullWorker(queue, (job, token, signal) => this.#process(job, token!, signal!), {
      ...{ connection, autorun: false, name: this.name },
      concurrency: concurrency * Math.max(devices?.length ?? 0, 1),
      ...{ lockDuration: stalledAfter * 1000, stalledInterval: stalledAfter * 1000 },
      maxStalledCount: maxStalled,
      // After a break of the connection.
      runRetryDelay: 1000,
    });
    this.#metrics = new WorkerMetrics(this.name, () => this.#count());
    tellProblems(connection, [this.#queue, this.#events, this.#worker], (message) =>
      this.#tell({ event: 'warning', message }),
    );
    this.#events.on(cancelledEvent as 'completed', ({ jobId }) => this.#stop(jobId, 'cancelled'));
    this.#worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) this.#stop(id, 'taken-over');
    });
  }

  async start(): Promise<void> {
    const { metrics, metricsHost = '127.0.0.1' } = this.options;
    await this.#events.waitUntilReady();
    if (metrics !== undefined)
      this.#server = await serveMetrics(metrics, metricsHost, this.#metrics.registry, () => this.#check());
    this.#worker.run().catch(({ message }: Error) => this.#tell({ event: 'warning', message }));
  }

  get metrics(): number | undefined {
    return this.#server?.port;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const closed = this.#worker.close();
    this.#worker.cancelAllJobs('closing' satisfies StopReason);
    // What runs ends in any case. If Redis is away, its jobs are taken by other workers when they have given no sign of life.
    await Promise.allSettled(this.#runs);
    await unlessAway(this.connection, closed);
    await this.#server?.[Symbol.asyncDispose]();
    await closeAll(this.connection, [this.#events, this.#queue]);
    await this.storage[Symbol.asyncDispose]();
  }

  async #count(): Promise<Readonly<Record<string, number>>> {
    // It would wait for Redis to come back, and Prometheus would learn nothing.
    return this.connection.status === 'ready' ? await countJobs(this.#queue) : {};
  }

  /** Rejects while the worker cannot work. */
  async #check(): Promise<void> {
    if (this.connection.status !== 'ready')
      throw new FaceanimError('io', `Redis is away: the connection is ${this.connection.status}.`);
    await this.storage.check();
  }

  #stop(id: string, reason: StopReason): void {
    this.#worker.cancelJob(id, reason);
  }

  #tell(event: WorkerEvent): void {
    this.#metrics.event(event);
    this.options.onEvent?.(event);
  }

  async #process(job: QueuedJob, token: string, signal: AbortSignal): Promise<JobResult> {
    const id = job.id!;
    const device = this.#devices.take();
    const started = performance.now();
    this.#tell({ event: 'begun', id, device });
    try {
      const result = await this.#tryJob(job, device, signal, token);
      this.#tell({ event: 'done', id, seconds: (performance.now() - started) / 1000 });
      return result;
    } catch (error) {
      throw await endOfTry(job, token, error, signal, (event) => this.#tell(event));
    } finally {
      this.#devices.free(device);
    }
  }

  async #tryJob(
    job: QueuedJob,
    device: string | undefined,
    signal: AbortSignal,
    token: string,
  ): Promise<JobResult> {
    const id = job.id!;
    // It may have been cancelled between its data being read and its signal being made.
    const { data } = (await this.#find(id)) ?? job;
    const { part, flags } = data;
    const whole = part && (await this.#find(part.of));
    if (data.cancelled || whole?.data.cancelled) this.#stop(id, 'cancelled');
    throwIfAborted(signal);
    await using folder = await this.storage.begin(data, job.attemptsStarted, (message) =>
      this.#tell({ event: 'warning', id, message }),
    );
    const run = (...words: string[]) => this.#runProcess(job, data, folder.path, device, signal, words);
    if (part) {
      await run(`--part=${part.number}`);
      const result = await folder.finish();
      await tellParts(whole);
      return result;
    }
    if (flags.split !== undefined && flags.split !== false) {
      if (!(await hasParts(job))) {
        await run('--part=prepare');
        await folder.save();
        const count = await partsOf(join(folder.path, 'run'));
        if (count > 1) await queueParts(this.#queue, job, count);
      }
      if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
    }
    await run();
    return await folder.finish();
  }

  async #find(id: string): Promise<QueuedJob | undefined> {
    return (await this.#queue.getJob(id)) as QueuedJob | undefined;
  }

  /** @param words further words of the command line. */
  async #runProcess(
    job: QueuedJob,
    data: StoredJob,
    folder: string,
    device: string | undefined,
    signal: AbortSignal,
    words: readonly string[],
  ): Promise<void> {
    const id = job.id!;
    const countFrames = this.#metrics.frames();
    const progress = latestOnly((latest: JobProgress) => job.updateProgress(latest), msBetweenProgress);
    const run = this.#run(
      {
        ...{ id, device, folder },
        // Those of the job come last: one that lacks its value would take the next word for it.
        args: [...limitFlags(this.options.limits), ...words, ...commandLineOf(data)],
      },
      {
        signal,
        onProgress: (event) => {
          countFrames(event);
          progress.push(event);
        },
        onWarning: (message) => this.#tell({ event: 'warning', id, message }),
      },
    );
    this.#runs.add(run);
    try {
      await run;
    } finally {
      this.#runs.delete(run);
      progress.end();
    }
  }
}
