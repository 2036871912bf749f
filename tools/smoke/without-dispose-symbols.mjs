// Imitates a runtime without Symbol.dispose and Symbol.asyncDispose. They cannot be deleted, so the global Symbol is
// replaced. To be loaded before anything else, by `node --import` or as the first script of a page.
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
