import { expect, it } from 'vitest';
import { svgText, textWidth } from '../../src/report/text';

it('draws letters as outlines, which need no font', () => {
  const svg = svgText('Loss', 10, 20);
  expect(svg.match(/<path /g)).toHaveLength(4);
  expect(svg).not.toContain('<text');
  expect(svgText('L', 0, 0)).not.toBe(svgText('M', 0, 0));
  expect(svgText('L', 0, 0, { bold: true })).not.toBe(svgText('L', 0, 0));
});

it('measures what it draws, and shrinks what is too wide', () => {
  const width = textWidth('objective', { size: 10 });
  expect(width).toBeGreaterThan(30);
  expect(textWidth('objective', { size: 20 })).toBeCloseTo(2 * width);
  expect(textWidth('objective', { size: 10, maxWidth: 30 })).toBeCloseTo(30);
  expect(textWidth('objective', { size: 10, maxWidth: 300 })).toBeCloseTo(width);
  expect(textWidth('')).toBe(0);
});
