import type { JobInfo } from '@faceanim/jobs';
import { createRoute, z } from '@hono/zod-openapi';
import { problemOf } from './errors';

/** The head of the OpenAPI document. */
export const document = {
  openapi: '3.1.0',
  info: { title: 'faceanim', version: '1', description: 'Animates the face in a picture after a video.' },
  security: [{ key: [] }],
};

const problem = z
  .object({ code: z.string(), message: z.string(), hint: z.string().optional(), frame: z.int().optional() })
  .openapi('Problem');

const job = z
  .object({
    id: z.string(),
    state: z.enum(['waiting', 'running', 'delayed', 'done', 'failed', 'cancelled']),
    progress: z.object({ stage: z.string(), fraction: z.number().optional() }).loose().optional(),
    error: problem.optional(),
  })
  .openapi('Job');

/** A job as clients see it. */
export function describe({ id, state, progress, error }: JobInfo): z.infer<typeof job> {
  return { id, state, progress: progress && { ...progress }, error: error && problemOf(error) };
}

const json = <T extends z.ZodType>(schema: T, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
const problems = (...statuses: number[]) =>
  Object.fromEntries(statuses.map((status) => [status, json(problem, reasons[status]!)]));
const reasons: Readonly<Record<number, string>> = {
  401: 'No key, or a wrong one',
  404: 'No such job',
  409: 'The job is not done',
  413: 'A file is too large',
  422: 'A file or a flag cannot be used; the message says why',
};
const ofJob = { params: z.object({ id: z.string() }) };
const file = { type: 'string', format: 'binary' } as const;

export const submit = createRoute({
  method: 'post',
  path: '/jobs',
  summary: 'Uploads a look and a driver, and queues a job',
  // Not as `request.body`, which would be read into memory to be checked.
  requestBody: {
    required: true,
    content: {
      'multipart/form-data': {
        schema: {
          type: 'object',
          required: ['driver'],
          properties: {
            driver: { ...file, description: 'Video whose motion is followed' },
            look: { ...file, description: 'Picture of the face; without it, the face is free' },
            flags: { type: 'string', description: 'Flags of `faceanim animate` as JSON: {"steps-next": 5}' },
          },
        },
      },
    },
  },
  responses: { 201: json(job, 'The job'), ...problems(401, 413, 422) },
});

export const get = createRoute({
  method: 'get',
  path: '/jobs/{id}',
  summary: 'How a job stands',
  request: ofJob,
  responses: { 200: json(job, 'The job'), ...problems(401, 404) },
});

export const events = createRoute({
  method: 'get',
  path: '/jobs/{id}/events',
  summary: 'Progress as server-sent events, until `done`, `failed` or `cancelled`',
  request: ofJob,
  responses: {
    200: { description: 'Events', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems(401, 404),
  },
});

export const animation = createRoute({
  method: 'get',
  path: '/jobs/{id}/animation',
  summary: 'The animation; takes Range',
  request: ofJob,
  responses: {
    200: { description: 'The video', content: { 'video/mp4': { schema: file } } },
    206: { description: 'A part of it', content: { 'video/mp4': { schema: file } } },
    ...problems(401, 404, 409),
  },
});

export const cancel = createRoute({
  method: 'delete',
  path: '/jobs/{id}',
  summary: 'Ends a job after its current step',
  request: ofJob,
  responses: { 202: json(job, 'The job'), ...problems(401, 404) },
});
