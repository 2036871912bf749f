import { createHash, timingSafeEqual } from 'node:crypto';
import { createMiddleware } from 'hono/factory';

const digest = (key: string) => createHash('sha256').update(key).digest();

/** Lets requests pass that have `Authorization: Bearer KEY` with one of the keys. */
export function requireKey(keys: readonly string[]) {
  const known = keys.map(digest);
  return createMiddleware(async (c, next) => {
    const given = digest(c.req.header('authorization')?.replace(/^Bearer /i, '') ?? '');
    // All are compared, each in the same time whatever it holds: the time of an answer tells nothing.
    const matches = known.filter((key) => timingSafeEqual(key, given));
    if (matches.length === 0)
      return c.json({ code: 'unauthorized', message: 'Send Authorization: Bearer KEY.' }, 401);
    await next();
  });
}
