import type { Jobs } from '@faceanim/jobs';
import type { HttpBindings } from '@hono/node-server';
import { OpenAPIHono } from '@hono/zod-openapi';
import { answerError } from './errors';
import { jobEvents } from './events';
import { sendFile } from './files';
import { requireKey } from './keys';
import * as routes from './routes';
import { receiveJob } from './uploads';

export interface AppOptions {
  readonly jobs: Jobs;
  readonly apiKeys: readonly string[];
  /** The most bytes of a file. */
  readonly maxBytes: number;
}

/** The HTTP interface of a queue of jobs. It keeps nothing: a restarted server goes on where it was. */
export function createApp({ jobs, apiKeys, maxBytes }: AppOptions) {
  const app = new OpenAPIHono<{ Bindings: HttpBindings }>();
  app.onError(answerError);
  app.get('/health', (c) => c.json({ status: 'ok' }));
  app.doc31('/openapi.json', routes.document);
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  app.use('/jobs/*', requireKey(apiKeys));

  app.openapi(routes.submit, async (c) => {
    const id = await receiveJob(c.env.incoming, maxBytes, (job) => jobs.submit(job));
    return c.json(routes.describe(await jobs.get(id)), 201);
  });
  app.openapi(routes.get, async (c) => c.json(routes.describe(await jobs.get(c.req.param('id'))), 200));
  app.openapi(routes.events, async (c) => jobEvents(c, jobs, c.req.param('id')));
  app.openapi(routes.animation, async (c) => {
    const { state, error } = await jobs.get(c.req.param('id'));
    if (state === 'failed') throw error;
    if (state !== 'done') return c.json({ code: 'not-done', message: `The job is ${state}.` }, 409);
    const { animation } = await jobs.result(c.req.param('id'));
    return sendFile(animation, await jobs.open(animation), c.req.header('range'));
  });
  app.openapi(routes.cancel, async (c) => {
    await jobs.cancel(c.req.param('id'));
    return c.json(routes.describe(await jobs.get(c.req.param('id'))), 202);
  });
  return app;
}
