import type { JobFiles, Jobs } from '@faceanim/jobs';
import { commandLine } from '../terminal/command-line';
import { createReporter } from '../terminal/progress';

/** Shows the progress of a job until it ends. The signal ends only this, not the job. */
export async function followJob(
  jobs: Jobs,
  id: string,
  { signal, quiet }: { signal: AbortSignal; quiet?: boolean },
): Promise<JobFiles> {
  const reporter = createReporter({ quiet });
  const stop = jobs.onProgress(id, reporter.progress);
  try {
    const { state } = await jobs.get(id);
    if (state === 'waiting') reporter.log(`${id} waits for a worker. To start one: faceanim worker`);
    return await jobs.result(id, { signal });
  } catch (error) {
    if (signal.aborted)
      reporter.warn(`${id} goes on. To wait again:\n  ${commandLine(['jobs', id, '--wait'])}`);
    throw error;
  } finally {
    stop();
    reporter.stop();
  }
}
