import { FaceanimError } from '@faceanim/tensor/errors';
import { DelayedError, UnrecoverableError, WaitingChildrenError, WaitingError } from 'bullmq';
import type { QueuedJob } from '../job-info';
import { errorText, mayPass } from '../retries';
import type { WorkerEvent } from './options';

/** Until a folder that another run holds is tried again. The lock of a machine that was lost goes stale in five minutes. */
const msInUse = 20_000;

/** Why a job of ours is stopped. */
export type StopReason = 'cancelled' | 'closing' | 'taken-over';

/** Decides what becomes of a job whose try has ended with an error, and returns the error that says so to BullMQ. */
export async function endOfTry(
  job: QueuedJob,
  token: string,
  error: unknown,
  signal: AbortSignal,
  tell: (event: WorkerEvent) => void,
): Promise<Error> {
  const id = job.id!;
  if (error instanceof WaitingChildrenError) {
    tell({ event: 'given-back', id, reason: 'parts' });
    return error;
  }
  const reason = signal.aborted ? (signal.reason as StopReason) : undefined;
  if (reason === 'taken-over') {
    tell({ event: 'given-back', id, reason });
    // BullMQ refuses it, since the job is not ours any more.
    return new Error('Another worker has taken the job over.');
  }
  if (reason === 'closing') {
    tell({ event: 'given-back', id, reason });
    await job.moveToWait(token);
    return new WaitingError();
  }
  if (reason === 'cancelled') {
    const cancelled = new FaceanimError('aborted', `The job ${id} was cancelled.`, {
      hint: 'retry() goes on after its finished frames.',
    });
    tell({ event: 'cancelled', id, error: cancelled });
    return new UnrecoverableError(errorText(cancelled));
  }
  if (FaceanimError.isInstance(error, 'in-use')) {
    tell({ event: 'given-back', id, reason: 'in-use' });
    await job.moveToDelayed(Date.now() + msInUse, token);
    return new DelayedError();
  }
  const again = mayPass(error) && job.attemptsMade + 1 < (job.opts.attempts ?? 1);
  tell({ event: again ? 'retry' : 'failed', id, error });
  return again ? new Error(errorText(error)) : new UnrecoverableError(errorText(error));
}
