import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { JobProgress } from '../job-info';
import type { WorkerEvent } from './options';

/** What Prometheus asks a worker for. */
export class WorkerMetrics {
  readonly registry = new Registry();
  readonly #running: Gauge;
  readonly #tries: Counter<'result'>;
  readonly #seconds: Histogram;
  readonly #frames: Counter;

  /** @param count the jobs in the queue by state; the same on every worker. Empty while Redis is away */
  constructor(worker: string, count: () => Promise<Readonly<Record<string, number>>>) {
    const registers = [this.registry];
    this.registry.setDefaultLabels({ worker });
    collectDefaultMetrics({ register: this.registry });
    this.#running = new Gauge({
      ...{ name: 'faceanim_jobs_running', help: 'Jobs that this worker runs', registers },
    });
    this.#tries = new Counter({
      ...{ name: 'faceanim_tries_total', help: 'Tries that ended here, by result', registers },
      labelNames: ['result'],
    });
    this.#seconds = new Histogram({
      ...{ name: 'faceanim_job_seconds', help: 'Duration of tries that ended their job', registers },
      buckets: [1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600],
    });
    this.#frames = new Counter({
      ...{ name: 'faceanim_frames_total', help: 'Frames whose optimisation began here', registers },
    });
    new Gauge({
      ...{ name: 'faceanim_queue_jobs', help: 'Jobs in the queue, by state', registers },
      labelNames: ['state'],
      async collect() {
        this.reset();
        for (const [state, jobs] of Object.entries(await count())) this.set({ state }, jobs);
      },
    });
  }

  event(event: WorkerEvent): void {
    if (event.event === 'warning') return;
    if (event.event === 'begun') {
      this.#running.inc();
      return;
    }
    this.#running.dec();
    this.#tries.inc({ result: event.event });
    if (event.event === 'done') this.#seconds.observe(event.seconds);
  }

  /** Counts the frames of a try by its reports. Those that an earlier try has finished are reported without steps. */
  frames(): (progress: JobProgress) => void {
    let last: number | undefined;
    return ({ stage, position, steps }) => {
      if (stage !== 'optimize' || position === undefined) return;
      const more = last === undefined ? 1 : position - last;
      if (steps !== undefined && more > 0) this.#frames.inc(more);
      last = position;
    };
  }
}
