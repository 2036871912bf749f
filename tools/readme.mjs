import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { root } from './packages.mjs';

/** The first block of a language in a document, or the one that names its file in a first line `// NAME`. */
export function codeBlock(document, language, name) {
  const first = name ? `// ${name}\n` : '';
  const text = readFileSync(root + document, 'utf8');
  const [, after] = text.split(`\`\`\`${language}\n${first}`);
  assert.ok(after, `${document} has no block ${language} ${name ?? ''}`);
  return after.slice(0, after.indexOf('```'));
}

/** Text with exactly one place replaced, so that a change of the document does not go unnoticed. */
export function replaced(text, place, by) {
  assert.equal(text.split(place).length, 2, `\`${place}\` occurs not once in:\n${text}`);
  return text.replace(place, by);
}

/** The code of the README for one frame and few steps; otherwise as it stands. */
export function readmeCode() {
  const oneFrame = replaced(codeBlock('README.md', 'js'), 'limit: 5', 'limit: 1');
  return replaced(oneFrame, 'projectSequence({', 'projectSequence({ steps: { look: 2, first: 2, next: 1 },');
}

/** The same where modules cannot wait at their top level, as in CommonJS. */
export function insideFunction(code) {
  const lastImport = code.lastIndexOf('import ');
  const start = code.indexOf('\n', lastImport) + 1;
  return `${code.slice(0, start)}\nasync function main() {\n${code.slice(start)}}\nmain();\n`;
}
