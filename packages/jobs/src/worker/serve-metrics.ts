import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FaceanimError } from '@faceanim/tensor/errors';
import type { Registry } from 'prom-client';

/** A server of `/metrics` and `/health`. */
export interface MetricsServer extends AsyncDisposable {
  readonly port: number;
}

/**
 * Serves the metrics of a worker to Prometheus, and its health to whoever restarts it: 200, or 503 with the reason.
 *
 * @param check rejects while the worker cannot work
 * @throws {FaceanimError} `io` if the port is taken, or the host is no address of this machine
 */
export async function serveMetrics(
  port: number,
  host: string,
  registry: Registry,
  check: () => Promise<void>,
): Promise<MetricsServer> {
  const answers: Readonly<Record<string, () => Promise<[status: number, type: string, body: string]>>> = {
    '/metrics': async () => [200, registry.contentType, await registry.metrics()],
    '/health': async () => {
      const problem = await check().then(
        () => undefined,
        (error: Error) => error.message,
      );
      const body = JSON.stringify(problem ? { status: 'failing', problem } : { status: 'ok' });
      return [problem ? 503 : 200, 'application/json', body];
    },
  };
  const server = createServer(async ({ url = '/' }, response) => {
    const answer = answers[url.split('?')[0]!];
    try {
      const [status, type, body] = answer ? await answer() : [404, 'text/plain', 'Not found'];
      response.writeHead(status, { 'content-type': type }).end(body);
    } catch (error) {
      response.writeHead(503, { 'content-type': 'text/plain' }).end((error as Error).message);
    }
  });
  server.listen(port, host);
  await once(server, 'listening').catch((cause: Error) => {
    throw new FaceanimError('io', `The metrics cannot be served at ${host}:${port}: ${cause.message}.`, {
      cause,
      hint: 'Choose another port, or an address of this machine.',
    });
  });
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
