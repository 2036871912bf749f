import { checkOptions } from '@faceanim/tensor/options';
import { openPlace } from '../open-place';
import { type Worker, type WorkerOptions, workerChecks } from './options';
import { QueueWorker } from './queue-worker';

/**
 * Starts a worker in this process: it takes jobs from the queue and runs each as a process of its own, until it is disposed
 * of. Any number of workers may share a queue.
 *
 * @throws {FaceanimError} `invalid-option`; `io` if Redis or the storage cannot be reached
 *
 * @example
 * await using worker = await startWorker({ redis: 'redis://localhost:6379', storage: '/mnt/faceanim' });
 * await once(process, 'SIGTERM');
 */
export async function startWorker(options: WorkerOptions): Promise<Worker> {
  checkOptions('startWorker', options, workerChecks, { required: ['redis', 'storage'] });
  const { storage, connection } = await openPlace(options);
  const worker = new QueueWorker(options, storage, connection);
  try {
    await worker.start();
    return worker;
  } catch (error) {
    await worker[Symbol.asyncDispose]();
    throw error;
  }
}
