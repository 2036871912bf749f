import { afterAll } from 'vitest';
import { hasRedis, type RedisServer, startRedisServer } from './redis-server';

export { hasRedis, type RedisServer };

if (!hasRedis) console.warn('Tests with Redis are skipped: redis-server is not installed.');

/** Starts a Redis that ends after the tests of the file. */
export async function startRedis(): Promise<RedisServer> {
  const server = await startRedisServer();
  afterAll(() => server.stop());
  return server;
}
