import { afterAll } from 'vitest';
import { hasRedis, type RedisServer, startRedisServer } from './redis-server';

export { hasRedis, type RedisServer };

if (!hasRedis) console.warn('Tests with Redis are skipped: redis-server is not installed.');

const servers: RedisServer[] = [];
// Here and not in a hook, where vitest would not hear of it.
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Starts a Redis that ends after the tests of the file. */
export async function startRedis(): Promise<RedisServer> {
  const server = await startRedisServer();
  servers.push(server);
  return server;
}
