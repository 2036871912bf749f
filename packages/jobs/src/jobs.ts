import type { AnimateJob } from './job';
import type { JobCounts, JobInfo, JobProgress, JobState } from './job-info';
import type { JobFiles, StoredFile } from './storage/storage';

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
   *   cannot be read or copied, or Redis does not answer; `in-use` if another call has submitted a job under the same `id` at the
   *   same time. Copies are removed then, unless Redis may queue the job yet.
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
