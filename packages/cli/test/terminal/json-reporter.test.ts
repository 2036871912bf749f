import { EventEmitter } from 'node:events';
import { FaceanimError } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { createReporter } from '../../src/terminal/progress';
import { demoDriver, faceanim } from '../support';

it('tells progress, warnings and errors as lines of JSON, with hints for the command line', () => {
  let text = '';
  const stream = Object.assign(new EventEmitter(), { write: (line: string) => !!(text += line) });
  const reporter = createReporter({ format: 'json', stream: stream as unknown as NodeJS.WriteStream });
  reporter.progress({ stage: 'optimize', frame: 1, fraction: 0.5 });
  reporter.warn('careful');
  reporter.failed?.(
    new FaceanimError('no-face', 'No face.', { hint: 'You could lower minScore.', frame: 3 }),
  );
  const events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(events).toMatchObject([
    { event: 'progress', stage: 'optimize', frame: 1, fraction: 0.5 },
    { event: 'warning', message: 'careful' },
    {
      event: 'error',
      error: {
        code: 'no-face',
        message: 'No face.',
        details: { hint: expect.stringMatching(/^You could lower --min-score\. .* as --fan\.$/), frame: 3 },
      },
    },
  ]);
  expect(reporter.unread?.aborted).toBe(false);
  stream.emit('error', new Error('EPIPE'));
  expect(reporter.unread?.aborted).toBe(true);
});

it('animate --progress json says why it fails, and then for people', async () => {
  const args = ['animate', '--driver', demoDriver, '--out', 'x.webp', '--start', '25', '--progress', 'json'];
  const { code, stderr } = await faceanim(args);
  const [event, ...text] = stderr.split('\n');
  expect(JSON.parse(event!)).toMatchObject({ event: 'error', error: { code: 'invalid-option' } });
  expect(text[0]).toMatch(/^error: --start/);
  expect(code).toBe(2);
});
