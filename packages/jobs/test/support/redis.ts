import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll } from 'vitest';

/** Whether redis-server is installed; tests that need it are skipped otherwise. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
if (!hasRedis) console.warn('Tests with Redis are skipped: redis-server is not installed.');

/** A Redis of its own for a test file, which can be restarted at the same address. */
export interface TestRedis {
  readonly url: string;
  /** Stops it cleanly, or with `SIGKILL`, and starts it again with what it had written to its log. */
  restart(signal: 'SIGTERM' | 'SIGKILL', msAway: number): Promise<void>;
}

/** Starts a Redis that writes to its log at every command; it ends after the tests of the file. */
export async function startRedis(): Promise<TestRedis> {
  const folder = mkdtempSync(join(tmpdir(), 'faceanim-redis-'));
  const port = await freePort();
  const start = async () => {
    const flags = ['--port', `${port}`, '--dir', folder, '--save', '', '--bind', '127.0.0.1'];
    const child = spawn('redis-server', [...flags, '--appendonly', 'yes', '--appendfsync', 'always'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const line of createInterface({ input: child.stdout }))
      if (/Ready to accept/.test(line)) break;
    child.stdout.resume();
    return child;
  };
  let server: ChildProcess = await start();
  const stop = async (signal: NodeJS.Signals) => {
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  };
  afterAll(async () => {
    await stop('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    restart: async (signal, msAway) => {
      await stop(signal);
      await new Promise((resolve) => setTimeout(resolve, msAway));
      server = await start();
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
