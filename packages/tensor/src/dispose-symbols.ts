/**
 * Defines `Symbol.dispose` and `Symbol.asyncDispose` where they are missing: Safari, Firefox before 141, Chrome before
 * 134, Node 20 before 20.4. Must be imported before every module with such a method. Compilers' helpers for `using` fall
 * back to the same `Symbol.for`.
 */
for (const name of ['dispose', 'asyncDispose'] as const) {
  if (!(name in Symbol)) Object.defineProperty(Symbol, name, { value: Symbol.for(`Symbol.${name}`) });
}

export {};
