import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A Redis of its own, which can be restarted at the same address. */
export interface RedisServer {
  readonly url: string;
  /** Stops it cleanly, or with `SIGKILL`, and starts it again with what it had written to its log. */
  restart(signal: 'SIGTERM' | 'SIGKILL', msAway: number): Promise<void>;
  /** Does something while it is killed, and starts it again. */
  whileAway(work: () => Promise<void>): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** Whether redis-server is installed. */
export const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** Starts a Redis that writes to its log at every command. */
export async function startRedisServer(): Promise<RedisServer> {
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
  const end = async (signal: NodeJS.Signals) => {
    const exit = once(server, 'exit');
    server.kill(signal);
    await exit;
  };
  return {
    url: `redis://127.0.0.1:${port}`,
    restart: async (signal, msAway) => {
      await end(signal);
      await new Promise((resolve) => setTimeout(resolve, msAway));
      server = await start();
    },
    whileAway: async (work) => {
      await end('SIGKILL');
      try {
        await work();
      } finally {
        server = await start();
      }
    },
    stop: async () => {
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A port below those that outgoing connections get, which would take it while Redis is away. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(12_000 * Math.random());
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
