import { FaceanimError } from '@faceanim/tensor';
import { toWire } from '@faceanim/tensor/errors';
import { hintFor } from './hints';
import type { Reporter } from './reporter';

/**
 * Writes lines of JSON, each with its `event`: `progress` with what `onProgress` tells, `log` and `warning` with a `message`,
 * `error` with what was thrown. A run without a reader ends: the program that started it was killed.
 */
export function jsonReporter(stream: NodeJS.WriteStream): Reporter {
  const reader = new AbortController();
  stream.on('error', (error) => reader.abort(error));
  const write = (event: string, content: object) =>
    void stream.write(`${JSON.stringify({ event, ...content })}\n`);
  return {
    unread: reader.signal,
    log: (message) => write('log', { message }),
    warn: (message) => write('warning', { message }),
    progress: (event) => write('progress', event),
    failed: (error) => {
      const wire = toWire(error);
      const hint = FaceanimError.isInstance(error) ? hintFor(error) : undefined;
      write('error', { error: { ...wire, details: { ...wire.details, hint } } });
    },
    stop: () => {},
  };
}
