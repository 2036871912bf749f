import type { Command } from 'commander';
import { flag, list, wholeNumber } from '../flags/parse';
import type { WorkerFlags } from '../jobs/worker';
import { addLimitFlags } from './animation-flags';
import { addQueueFlags } from './queue-flags';

/** Adds `faceanim worker`. */
export function addWorker(program: Command, signal: AbortSignal): void {
  const command = program
    .command('worker')
    .description('run the jobs of a queue, until Ctrl-C')
    .action(async (flags: WorkerFlags) => {
      const { workerCommand } = await import('../jobs/worker');
      await workerCommand(flags, signal);
    });
  addQueueFlags(command);
  command
    .optionsGroup('Worker:')
    .addOption(flag('--concurrency <n>', 'jobs at a time, on each device (1)', wholeNumber()))
    .addOption(flag('--devices <list>', 'GPUs, of which each job gets one: 0,1', list))
    .addOption(
      flag('--metrics <port>', 'serve /metrics for Prometheus, and /health, without a key', wholeNumber(0)),
    )
    .option('--metrics-host <address>', 'address of this machine for them; 0.0.0.0: all (127.0.0.1)');
  const defaults = { pixels: '4096 × 4096', seconds: '600', bytes: '2 GiB', checkpoints: 'arrays' };
  addLimitFlags(command, defaults);
}
