import { FaceanimError } from '@faceanim/tensor/errors';
import type { Redis } from 'ioredis';

/**
 * Does something with Redis that must be done within so many seconds. While the connection is broken nothing is sent, so that a
 * call that has failed has no effect later.
 *
 * @throws {FaceanimError} `io` when the time is over
 */
export async function within<T>(redis: Redis, seconds: number, work: () => Promise<T>): Promise<T> {
  let sent = false;
  let timer: NodeJS.Timeout | undefined;
  let begin = () => {};
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(away(seconds, sent)), seconds * 1000);
  });
  const done = async () => {
    if (redis.status !== 'ready')
      await new Promise<void>((resolve) => redis.once('ready', (begin = resolve)));
    sent = true;
    return await work();
  };
  try {
    return await Promise.race([done(), late]);
  } finally {
    clearTimeout(timer);
    redis.off('ready', begin);
  }
}

function away(seconds: number, sent: boolean): FaceanimError {
  return new FaceanimError('io', `Redis has not answered for ${seconds} s.`, {
    hint: `Is it running? ${sent ? 'What was asked for may have been done all the same.' : 'Nothing was done: call again when it is back.'}`,
  });
}
