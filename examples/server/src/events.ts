import type { Jobs } from '@faceanim/jobs';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { problemOf } from './errors';

/** Proxies close connections on which nothing happens. */
const msAlive = 15_000;

/** Server-sent events: `progress` until the job ends with `done`, `failed` or `cancelled`. */
export async function jobEvents(c: Context, jobs: Jobs, id: string): Promise<Response> {
  const { progress } = await jobs.get(id);
  return streamSSE(c, async (stream) => {
    const left = new AbortController();
    stream.onAbort(() => left.abort());
    const send = (event: string, data: object = {}) => stream.writeSSE({ event, data: JSON.stringify(data) });
    const stop = jobs.onProgress(id, (latest) => void send('progress', latest));
    const timer = setInterval(() => void send('alive'), msAlive);
    try {
      if (progress) await send('progress', progress);
      await jobs.result(id, { signal: left.signal });
      await send('done', { animation: `/jobs/${id}/animation` });
    } catch (error) {
      if (left.signal.aborted) return;
      const problem = problemOf(error as Error);
      await send(problem.code === 'aborted' ? 'cancelled' : 'failed', problem);
    } finally {
      stop();
      clearInterval(timer);
    }
  });
}
