import { FaceanimError } from '@faceanim/tensor';
import { expect, it } from 'vitest';
import { inFile, warningsOf } from '../../src/terminal/in-file';

it('an error about a frame without a face names the file', () => {
  const missing = new FaceanimError('no-face', 'No face was found in frame 3.', { frame: 3, hint: 'h' });
  const named = { message: 'a.mp4: No face was found in frame 3.', file: 'a.mp4', frame: 3, hint: 'h' };
  expect(inFile(missing, 'a.mp4')).toMatchObject(named);
  // That is the look.
  const look = new FaceanimError('no-face', 'No face was found in the look.');
  expect(inFile(look, 'a.mp4')).toBe(look);
});

it('a warning names the file, and the flag that chooses among its faces', () => {
  const lines: string[] = [];
  const warn = warningsOf('a.mp4', (line) => lines.push(line), '--face');
  warn('Frame 0 has 2 faces. Face 1 from the left (from 0) is used, at (4, 5).');
  warn('Something else.');
  expect(lines).toEqual([
    'a.mp4: Frame 0 has 2 faces. Face 1 from the left (from 0) is used, at (4, 5). --face chooses another.',
    'a.mp4: Something else.',
  ]);
});
