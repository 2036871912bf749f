import { aString, type OptionChecks } from '@faceanim/tensor/options';
import type { Redis } from 'ioredis';
import { aQueueName, connect } from './queue';
import { openStorage } from './storage/open-storage';
import type { Storage } from './storage/storage';

/** Where a queue of jobs is: the same for applications and workers. */
export interface QueuePlace {
  /** Address of Redis: `redis://host:6379`, `rediss://user:password@host:6380/0`. */
  readonly redis: string;
  /** The folder that all machines mount, or an S3-compatible bucket: `s3://bucket/prefix`. */
  readonly storage: string;
  /** Address of an S3-compatible service. Default: what `AWS_ENDPOINT_URL_S3` or `AWS_ENDPOINT_URL` says, else AWS. */
  readonly s3Endpoint?: string | undefined;
  /** Name of the queue, for several on one Redis. Default `faceanim`. */
  readonly queue?: string | undefined;
}

export const placeChecks: OptionChecks<QueuePlace> = {
  redis: aString,
  storage: aString,
  s3Endpoint: aString,
  queue: aQueueName,
};

/**
 * Opens the storage and connects to Redis.
 *
 * @throws {FaceanimError} as {@link openStorage} and {@link connect}
 */
export async function openPlace({
  redis,
  storage: place,
  s3Endpoint,
}: QueuePlace): Promise<{ storage: Storage; connection: Redis }> {
  const storage = await openStorage(place, s3Endpoint);
  try {
    return { storage, connection: await connect(redis) };
  } catch (error) {
    await storage[Symbol.asyncDispose]();
    throw error;
  }
}
