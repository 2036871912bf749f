// Makes the global Symbol one of a runtime that lacks Symbol.dispose and Symbol.asyncDispose, which cannot be deleted.
// Loaded before anything else: `node --import`, or as a script of a page.
{
  const real = globalThis.Symbol;
  const bare = (description) => real(description);
  const missing = ['dispose', 'asyncDispose', 'length', 'name', 'prototype'];
  for (const key of Reflect.ownKeys(real)) {
    if (!missing.includes(key)) Object.defineProperty(bare, key, Object.getOwnPropertyDescriptor(real, key));
  }
  Object.defineProperty(bare, 'prototype', { value: real.prototype });
  globalThis.Symbol = bare;
}
