import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Real time, also for tests that replace the clock. */
const { setTimeout: later } = globalThis;

/** How the server behaves; tests change it between requests. */
export interface ServerBehaviour {
  body: Uint8Array;
  /** Sent as ETag; undefined for none. */
  etag: string | undefined;
  /** Whether range requests are served. */
  ranges: boolean;
  /** Breaks the connection after this many bytes of each response, when the client has them. */
  breakAfter: number | undefined;
  /** How much of the file the client has, if a connection breaks: tests tell. */
  arrived?: number;
  /** Content type of the response. */
  type?: string;
  /** Responds with this status and no body. */
  status: number | undefined;
  /** Pauses between pieces of the body. */
  slow: boolean;
}

/** A server on 127.0.0.1 with one file; it records the requests. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  readonly behaviour: ServerBehaviour;
  /** The `Range` header of each request, `''` if there was none. */
  readonly requests: string[];
}

export async function serveFile(body: Uint8Array): Promise<FileServer> {
  const behaviour: ServerBehaviour = {
    ...{ body, etag: '"1"', ranges: true, slow: false },
    ...{ breakAfter: undefined, status: undefined },
  };
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.headers.range ?? '');
    answerFile(request, response, behaviour);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/weights/net.pkl`,
    behaviour,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Answers a request for the file. */
export async function answerFile(
  { headers }: IncomingMessage,
  response: ServerResponse,
  behaviour: ServerBehaviour,
): Promise<void> {
  const { body, etag, ranges, breakAfter, status, slow, type } = behaviour;
  if (status !== undefined) return void response.writeHead(status).end();
  if (type !== undefined) response.setHeader('content-type', type);
  if (etag !== undefined) response.setHeader('etag', etag);
  const sameFile = headers['if-range'] === undefined || headers['if-range'] === etag;
  const start = ranges && sameFile && headers.range ? Number(/^bytes=(\d+)-$/.exec(headers.range)![1]) : 0;
  if (start >= body.length && body.length > 0) return void response.writeHead(416).end();
  if (start > 0) response.setHeader('content-range', `bytes ${start}-${body.length - 1}/${body.length}`);
  const rest = body.subarray(start);
  response.writeHead(start > 0 ? 206 : 200, { 'content-length': rest.length });
  const end = Math.min(rest.length, breakAfter ?? rest.length);
  const step = slow ? Math.ceil(end / 10) : end;
  for (let at = 0; at < end; at += step) {
    await new Promise((resolve) => response.write(rest.subarray(at, Math.min(end, at + step)), resolve));
    if (slow) await new Promise((resolve) => later(resolve, 20));
  }
  if (end === rest.length) return void response.end();
  // A broken connection discards what has not been read.
  while (behaviour.arrived! < start + end) await new Promise((resolve) => later(resolve, 5));
  response.destroy();
}
