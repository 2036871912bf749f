import { once } from 'node:events';
import { openJobs } from '@faceanim/jobs';
import { serve } from '@hono/node-server';
import { createApp } from './app';

const {
  FACEANIM_REDIS: redis = 'redis://localhost:6379',
  FACEANIM_STORAGE: storage,
  FACEANIM_API_KEYS: keys = '',
  FACEANIM_MAX_UPLOAD: maxBytes = 200e6,
  PORT: port = 8080,
} = process.env;

const apiKeys = keys.split(',').filter((key) => key !== '');
if (!storage || apiKeys.length === 0) {
  console.error(
    'Set FACEANIM_STORAGE to what the workers use, too, a folder or s3://bucket/folder, and FACEANIM_API_KEYS to keys.',
  );
  process.exit(2);
}

await using jobs = await openJobs({ redis, storage, onWarning: console.warn });
const app = createApp({ jobs, apiKeys, maxBytes: Number(maxBytes) });
const server = serve({ fetch: app.fetch, port: Number(port) }, (address) =>
  console.log(`Listening at port ${address.port}.`),
);
await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
server.close();
// Those who watch a job would keep it open. The job goes on.
if ('closeAllConnections' in server) server.closeAllConnections();
