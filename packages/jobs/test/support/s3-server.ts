import { afterAll } from 'vitest';

/** An S3 server with an empty bucket. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
}

const servers: { stop(): Promise<void> }[] = [];
// Here and not in a hook, where vitest would not hear of it.
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Starts an S3 server that keeps objects in memory and ends after the tests of the file. Gives this process a key for it. */
export async function startS3(): Promise<S3Server> {
  // Imported late: it takes a second, and many test files need no server.
  const { startFauxqs } = await import('fauxqs');
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' });
  const server = await startFauxqs({ port: 0, host: '127.0.0.1', logger: false });
  servers.push(server);
  server.createBucket('faceanim');
  return { endpoint: `http://127.0.0.1:${server.port}`, bucket: 'faceanim' };
}
