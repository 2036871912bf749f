import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asReadError } from '@faceanim/media/files';
import type { Queue } from 'bullmq';
import type { JobResult, StoredJob } from '../job';
import type { QueuedJob } from '../job-info';

/** Number of parts of a prepared run. @throws {FaceanimError} `io` */
export async function partsOf(run: string): Promise<number> {
  const file = join(run, 'parts/plan.json');
  const text = await readFile(file, 'utf8').catch((error) => {
    throw asReadError(error, file);
  });
  return (JSON.parse(text) as unknown[]).length;
}

/** Whether the parts of a job have been queued. */
export async function hasParts(job: QueuedJob): Promise<boolean> {
  const { processed = 0, unprocessed = 0, ignored = 0, failed = 0 } = await job.getDependenciesCount();
  return processed + unprocessed + ignored + failed > 0;
}

/** Queues the parts of a job, which then waits for them. They come before other jobs of its priority. */
export async function queueParts(
  queue: Queue<StoredJob, JobResult>,
  job: QueuedJob,
  count: number,
): Promise<void> {
  const { attempts, backoff, removeOnComplete, removeOnFail, priority } = job.opts;
  const parts = Array.from({ length: count }, (_, i) => ({
    name: 'part',
    data: { ...job.data, part: { of: job.id!, number: i + 1 } },
    opts: {
      ...{ attempts, backoff, removeOnComplete, removeOnFail },
      jobId: partId(job.id!, i + 1),
      priority: priority! - 1,
      parent: { id: job.id!, queue: queue.qualifiedName },
      // The job does what is left itself, and then fails with an error of its own.
      ignoreDependencyOnFailure: true,
    },
  }));
  await queue.addBulk(parts);
}

/** Tells how many parts of a job are finished, counting one that is about to be. */
export async function tellParts(job: QueuedJob | undefined): Promise<void> {
  if (!job) return;
  const { processed = 0, unprocessed = 0, ignored = 0 } = await job.getDependenciesCount();
  const all = processed + unprocessed + ignored;
  if (all > 0) await job.updateProgress({ stage: 'optimize', fraction: (processed + 1) / all });
}

const partId = (job: string, number: number) => `${job}.part-${number}`;
