import type { QueueEvents } from 'bullmq';
import type { JobProgress } from './job-info';
import { cancelledEvent } from './queue';

/** An event may get lost while Redis restarts: whoever waits looks again after so long. */
const msBetweenLooks = 5000;

/** What happens to jobs, for those who watch one. */
export class JobEvents {
  readonly #listeners = new Map<string, Set<(progress: JobProgress) => void>>();
  readonly #waiting = new Map<string, Set<() => void>>();

  constructor(events: QueueEvents) {
    events.on('progress', ({ jobId, data }) => {
      for (const listener of this.#listeners.get(jobId) ?? []) listener(data as JobProgress);
    });
    const wake = ({ jobId }: { jobId: string }) => {
      for (const resolve of this.#waiting.get(jobId) ?? []) resolve();
    };
    for (const event of ['completed', 'failed', 'removed', cancelledEvent])
      events.on(event as 'completed', wake);
  }

  /** Calls back with the progress of a job. @returns stops it */
  onProgress(id: string, listener: (progress: JobProgress) => void): () => void {
    return added(this.#listeners, id, listener);
  }

  /** Resolves when a job may have ended, after a while, or when a signal fires. */
  next(id: string, signal: AbortSignal): { promise: Promise<void>; stop: () => void } {
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
