import type { JobState as BullState, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { JobResult, StoredJob } from './job';
import { bullStates, type JobState } from './job-info';
import { isJobId } from './queue';

/** Ids of the jobs that may be in some states, the newest first, and where BullMQ has them. */
export async function newestJobs(
  queue: Queue<StoredJob, JobResult>,
  connection: Redis,
  states: readonly JobState[],
): Promise<{ id: string; state: BullState }[]> {
  const wanted = new Set<BullState>(states.flatMap((state) => [...bullStates[state]]));
  // A job that moves between two states while they are read is in both.
  const stateById = new Map<string, BullState>();
  for (const state of wanted)
    for (const id of await queue.getRanges([state], 0, -1)) if (isJobId(id)) stateById.set(id, state);
  const times = await Promise.all(
    [...stateById.keys()].map(async (id) => Number(await connection.hget(queue.toKey(id), 'timestamp'))),
  );
  return [...stateById]
    .map(([id, state], i) => ({ id, state, time: times[i]! }))
    .sort((a, b) => b.time - a.time);
}
