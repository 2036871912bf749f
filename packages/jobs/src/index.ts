/**
 * Face animations on many machines: {@link openJobs} queues them on BullMQ and Redis, and {@link startWorker} runs them.
 *
 * @module @faceanim/jobs
 */
export { type AnimateJob, type JobFile, jobInputs } from './job';
export type { JobCounts, JobInfo, JobProgress, JobState } from './job-info';
export type { Jobs, ListOptions, SubmitOptions } from './jobs';
export { type OpenJobsOptions, openJobs } from './open-jobs';
export type { QueuePlace } from './open-place';
export { mayPass } from './retries';
export type { JobFiles, StoredFile } from './storage/storage';
export { defaultLimits, type Limits } from './worker/limits';
export type { JobTask, RunHooks, RunJob, Worker, WorkerEvent, WorkerOptions } from './worker/options';
export { type ProcessOptions, runProcess } from './worker/run-process';
export { startWorker } from './worker/start-worker';
