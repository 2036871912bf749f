import { expect, it } from 'vitest';
import { photographWarning } from '../../src/animate/photograph-warning';

/** What is said about a look that is projected to this LPIPS, in two steps. */
function said(lpips: number, networks: { generator?: string; lpips?: string } = {}): string[] {
  const lines: string[] = [];
  const watch = photographWarning({ look: 'me.jpg', ...networks }, (line) => lines.push(line));
  watch({ stage: 'look', steps: 2 });
  watch({ stage: 'look', step: 0, steps: 2, losses: { lpips: 0.5 } });
  watch({ stage: 'look', step: 1, steps: 2, losses: { lpips } });
  for (const frame of [0, 1]) watch({ stage: 'optimize', frame, step: 0, losses: { lpips: 0.9 } });
  return lines;
}

it('warns once, before the first frame, if the bundled generator cannot draw the look', () => {
  expect(said(0.294)).toEqual([
    expect.stringMatching(
      /^me\.jpg: The bundled generator cannot draw this face: LPIPS 0\.29, .* --generator/,
    ),
  ]);
});

it('says nothing about drawn faces, nor with networks of your own', () => {
  expect(said(0.0773)).toEqual([]);
  expect(said(0.294, { generator: 'ffhq.pkl' })).toEqual([]);
  expect(said(0.294, { lpips: 'vgg16.pt' })).toEqual([]);
});
