import {
  aFunction,
  aString,
  bagOf,
  iterableOf,
  type OptionChecks,
  positiveNumber,
  wholeNumberFrom,
} from '@faceanim/tensor/options';
import type { JobProgress } from '../job-info';
import { placeChecks, type QueuePlace } from '../open-place';
import { type Limits, limitChecks } from './limits';

/** One try of a job. */
export interface JobTask {
  readonly id: string;
  /** The folder of the job on this machine. */
  readonly folder: string;
  /** The words after `faceanim animate`, relative to the folder, with the limits and without `--resume`. */
  readonly args: readonly string[];
  /** The device that this try has for itself, if the worker has a list. */
  readonly device: string | undefined;
}

/** How a {@link RunJob} is stopped and watched. */
export interface RunHooks {
  /** Fires when the job is cancelled, the worker closes, or another worker has taken the job over. */
  readonly signal: AbortSignal;
  /** Tells how far the try is; a few reports a second reach those who watch. */
  readonly onProgress: (progress: JobProgress) => void;
  /** Tells the operator of the worker. */
  readonly onWarning: (message: string) => void;
}

/**
 * Runs one try of a job in its folder. It must go on after what an earlier try has finished there, and reject when the signal
 * fires.
 */
export type RunJob = (task: JobTask, hooks: RunHooks) => Promise<void>;

/** What a worker does: it begins a job; the try ends with `done`, an `error` for another try, for good or because of `cancel`, or is given back. */
export type WorkerEvent =
  | { readonly event: 'begun'; readonly id: string; readonly device?: string }
  | { readonly event: 'done'; readonly id: string; readonly seconds: number }
  | { readonly event: 'retry' | 'failed' | 'cancelled'; readonly id: string; readonly error: unknown }
  /** To the queue, without costing a try: the worker closes, another run still holds the folder, Redis was away for so long that the job went to another worker, or its parts are optimised before it goes on. */
  | {
      readonly event: 'given-back';
      readonly id: string;
      readonly reason: 'closing' | 'in-use' | 'taken-over' | 'parts';
    }
  | { readonly event: 'warning'; readonly id?: string; readonly message: string };

/** Options of {@link startWorker}. */
export interface WorkerOptions extends QueuePlace {
  /** Jobs at a time, on each device if there are `devices`. Default 1: a job fills a GPU, or all cores. */
  readonly concurrency?: number | undefined;
  /** GPUs by their number or id: each job gets one, in `CUDA_VISIBLE_DEVICES`. Default: jobs choose for themselves. */
  readonly devices?: readonly string[] | undefined;
  /** What is taken from strangers. Default {@link defaultLimits}. */
  readonly limits?: Limits | undefined;
  /** How a job is run. Default {@link runProcess}. */
  readonly run?: RunJob | undefined;
  /** Port of `/metrics` for Prometheus and `/health`, which ask for no key; 0 chooses one. Default: none. */
  readonly metrics?: number | undefined;
  /** Address of this machine at which they are served; `0.0.0.0` for all. Default `127.0.0.1`: this machine alone sees them. */
  readonly metricsHost?: string | undefined;
  /**
   * Seconds after which the job of a worker that gives no sign of life goes to another one. Workers that work give one
   * twice as often, whatever a step takes. Default 30.
   */
  readonly stalledAfter?: number | undefined;
  /** Name of the worker in lists of jobs. Default: host and process. */
  readonly name?: string | undefined;
  /** Hears what the worker does, for its log. */
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/** A running worker. Disposing of it gives its jobs back to the queue, without costing them a try. */
export interface Worker extends AsyncDisposable {
  readonly name: string;
  /** Port of `/metrics` and `/health`. */
  readonly metrics: number | undefined;
}

export const workerChecks: OptionChecks<WorkerOptions> = {
  ...placeChecks,
  concurrency: wholeNumberFrom(1),
  devices: iterableOf('a list of devices'),
  limits: bagOf(limitChecks),
  run: aFunction,
  metrics: wholeNumberFrom(0, 65535),
  metricsHost: aString,
  stalledAfter: positiveNumber,
  name: aString,
  onEvent: aFunction,
};
