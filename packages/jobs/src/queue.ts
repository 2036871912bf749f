import { setTimeout } from 'node:timers/promises';
import { FaceanimError } from '@faceanim/tensor/errors';
import { accepting } from '@faceanim/tensor/options';
import { Redis } from 'ioredis';

/** The queue that applications and workers share unless they name another one. */
export const defaultQueue = 'faceanim';

/** Name of the event that tells workers and waiting callers of a cancelled job. */
export const cancelledEvent = 'cancelled';

const msToClose = 1000;

/** Whether a text can be the id of a job. Those of parts cannot: they have a dot, and share the folder of their job. */
export const isJobId = (text: string) => /^[A-Za-z][\w-]{0,63}$/.test(text);

/** Accepts what a queue or a job can be called. */
export const aQueueName = accepting(
  'a name of at most 64 letters, digits, - and _ that begins with a letter',
  (value) => isJobId(value as string),
);

/**
 * Connects to Redis. Later the connection is restored as often as it breaks.
 *
 * @throws {FaceanimError} `invalid-option` for what is no address; `io` if nobody answers there, or refuses.
 */
export async function connect(url: string): Promise<Redis> {
  const address = nameOf(url);
  const redis = new Redis(url, {
    lazyConnect: true,
    // BullMQ's commands wait for Redis to come back.
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(times * 200, 5000),
  });
  let reason: Error | undefined;
  redis.on('error', (error) => (reason = error));
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    const cause = reason ?? (error as Error);
    throw new FaceanimError('io', `Redis at ${address} cannot be reached: ${cause.message || cause.name}.`, {
      cause,
      hint: 'Start it with redis-server, or check the address and the password.',
    });
  }
}

/** Tells once that Redis is away, and once that it is back; and errors of what uses the connection, which has many while it is away. */
export function tellProblems(
  redis: Redis,
  users: readonly { on(event: 'error', listener: (error: Error) => void): unknown }[],
  tell: (message: string) => void,
): void {
  let away = false;
  redis.on('error', ({ message }: Error) => {
    if (!away) tell(`Redis is away: ${message}. This goes on when it is back.`);
    away = true;
  });
  redis.on('ready', () => {
    if (away) tell('Redis is back.');
    away = false;
  });
  for (const user of users)
    user.on('error', ({ message }) => {
      if (redis.status === 'ready') tell(message);
    });
}

/** Waits for what needs Redis, unless that is away. */
export async function unlessAway(redis: Redis, work: Promise<unknown>): Promise<void> {
  const done = work.then(
    () => true,
    () => true,
  );
  const later = () => setTimeout(msToClose, false, { ref: false });
  while (!(await Promise.race([done, later()])) && redis.status === 'ready');
}

/** Closes what uses a connection, and the connection. */
export async function closeAll(redis: Redis, users: readonly { close(): Promise<void> }[]): Promise<void> {
  const closed = Promise.all(users.map((user) => user.close())).catch(() => {});
  // BullMQ waits for ever for the end of a connection that is broken.
  await Promise.race([closed, setTimeout(msToClose, undefined, { ref: false })]);
  redis.disconnect();
}

/** The address without a password, for messages. */
function nameOf(url: string): string {
  try {
    const { protocol, host } = new URL(url);
    if (/^rediss?:$/.test(protocol)) return host;
  } catch {
    // Reported like any other address that is none. It may hold a password.
  }
  throw new FaceanimError('invalid-option', 'redis must be an address like redis://host:6379.');
}

/** BullMQ takes the smallest number first, and 0 for none. Parts of a job are one before it. */
export const toBullPriority = (priority: number) => 102 - priority;
export const fromBullPriority = toBullPriority;
