import type { Redis } from 'ioredis';
import { connect } from './queue';
import { openStorage } from './storage/open-storage';
import type { Storage } from './storage/storage';

/** Where jobs are. */
export interface Place {
  readonly storage: Storage;
  readonly connection: Redis;
}

/**
 * Opens the storage and connects to Redis.
 *
 * @throws {FaceanimError} as {@link openStorage} and {@link connect}
 */
export async function openPlace(options: {
  readonly redis: string;
  readonly storage: string;
  readonly s3Endpoint?: string | undefined;
}): Promise<Place> {
  const storage = await openStorage(options.storage, options.s3Endpoint);
  try {
    return { storage, connection: await connect(options.redis) };
  } catch (error) {
    await storage[Symbol.asyncDispose]();
    throw error;
  }
}
