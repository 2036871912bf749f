/**
 * `Symbol.dispose` and `Symbol.asyncDispose` where they are missing: Safari, Firefox before 141, Chrome before 134, Node
 * 20 before 20.4. Imported before every module that names a method by them. `Symbol.for` is what the code that compilers
 * make of `using` looks for too.
 */
for (const name of ['dispose', 'asyncDispose'] as const) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) });
}

export {};
