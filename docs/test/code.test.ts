import { readFileSync } from 'node:fs';
import { posix } from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';
import { documents, root } from './documents';

it('the code in the documentation has no type errors', () => {
  const blocks = new Map<string, string>();
  for (const { named, own, code } of documents.flatMap(codeOf)) {
    // Two documents may name the same file.
    blocks.set(named === undefined || blocks.has(named) ? own : named, code);
  }
  const options: ts.CompilerOptions = {
    ...ts.parseJsonConfigFileContent(
      ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config,
      ts.sys,
      root,
    ).options,
    noEmit: true,
    checkJs: true,
    // Two fragments may use the same names.
    moduleDetection: ts.ModuleDetectionKind.Force,
    noUncheckedIndexedAccess: false,
  };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (path) => blocks.has(path) || fileExists(path);
  host.readFile = (path) => blocks.get(path) ?? readFile(path);
  const program = ts.createProgram([...blocks.keys(), `${root}docs/test/fragments.d.ts`], options, host);

  const errors = [...blocks.keys()].flatMap((path) => {
    // Without a file, TypeScript would check the whole repository.
    const file = program.getSourceFile(path)!;
    expect(file, path).toBeDefined();
    return [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
  });
  expect(blocks.size).toBeGreaterThan(30);
  expect(
    ts.formatDiagnostics(errors, { ...host, getNewLine: () => '\n', getCurrentDirectory: () => root }),
  ).toBe('');
});

/**
 * The blocks of TypeScript and JavaScript in a document, with the path of the file that each stands for: the one that a
 * comment in its first line names, from the root or beside the document, if there is one, and one of its own.
 */
function codeOf(document: string): { named: string | undefined; own: string; code: string }[] {
  const text = readFileSync(root + document, 'utf8');
  return [...text.matchAll(/^```(ts|js)\n([\s\S]*?)^```/gm)].map(([, language, code], i) => {
    const named = code!.match(/^\/\/ (\S+\.ts)\n/)?.[1];
    const beside = (name: string) => root + posix.join(posix.dirname(document), name);
    return {
      named: named && (named.includes('/') ? root + named : beside(named)),
      own: beside(`${document.replace(/\W/g, '-')}-${i + 1}.${language}`),
      code: code!,
    };
  });
}
