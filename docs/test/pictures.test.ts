import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { root } from './documents';

const weights = readdirSync(`${root}docs/weights`).map((name) => `docs/weights/${name}`);
const studio = ['docs/studio-desktop.jpg', 'docs/studio-phone.jpg'];

it.each(['docs/demo.png', 'docs/public/hero.webp', ...weights, ...studio])(
  '%s says that a model made it',
  (file) => {
    expect(readFileSync(root + file, 'latin1')).toContain('trainedAlgorithmicMedia');
  },
);
