import { once } from 'node:events';
import type { WorkerEvent } from '@faceanim/jobs';
import { FaceanimError } from '@faceanim/tensor';
import type { LimitFlags } from '../limits/limits';
import { formatSeconds } from '../terminal/durations';
import { explain } from '../terminal/exit';
import { printable } from '../terminal/printable';
import { jobsPackage, type QueueFlags } from './jobs-package';

/** The flags of `faceanim worker`. */
export interface WorkerFlags extends QueueFlags, LimitFlags {
  concurrency?: number;
  devices?: readonly string[];
  metrics?: number;
  metricsHost?: string;
}

/** `faceanim worker`: runs jobs, each as a process of this program, until the signal fires. */
export async function workerCommand(flags: WorkerFlags, signal: AbortSignal): Promise<void> {
  const { maxPixels: pixels, maxSeconds: seconds, maxBytes: bytes, checkpoints, ...options } = flags;
  const { runProcess, startWorker } = await jobsPackage();
  await using worker = await startWorker({
    ...options,
    limits: { pixels, seconds, bytes, checkpoints },
    run: runProcess({ command: [process.execPath, ...process.execArgv, process.argv[1]!] }),
    onEvent: (event) => log(lineOf(event)),
  });
  const metrics = worker.metrics === undefined ? '' : ` Metrics and health are at port ${worker.metrics}.`;
  log(`${worker.name} waits for jobs.${metrics} Ctrl-C gives its jobs back after the current step.`);
  if (!signal.aborted) await once(signal, 'abort');
  log(`${worker.name} ends.`);
}

function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${printable(line)}\n`);
}

function lineOf(event: WorkerEvent): string {
  const job = event.id === undefined ? '' : `${event.id}: `;
  switch (event.event) {
    case 'begun':
      return `${job}begun${event.device === undefined ? '' : ` on device ${event.device}`}`;
    case 'done':
      return `${job}done in ${formatSeconds(event.seconds)}`;
    case 'retry':
      return `${job}will be tried again. ${reason(event.error)}`;
    case 'failed':
      return `${job}failed. ${reason(event.error)}`;
    case 'cancelled':
      return `${job}cancelled`;
    case 'given-back':
      return `${job}given back: ${why[event.reason]}`;
    case 'warning':
      return `${job}${event.message}`;
  }
}

const why = {
  closing: 'this worker ends',
  'in-use': 'another process still holds its folder',
  'taken-over': 'another worker has taken it over',
  parts: 'its parts are optimised first',
};

function reason(error: unknown): string {
  const code = FaceanimError.isInstance(error) ? `${error.code}: ` : '';
  return (
    code +
    explain(error)
      .text.replace(/^error: /, '')
      .replace(/\s*\n\s*/g, ' ')
  );
}
