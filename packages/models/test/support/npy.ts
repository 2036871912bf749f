/** An array as `np.save` writes it. */
export function npy(
  bytes: Uint8Array,
  descr: string,
  shape: readonly number[],
  { fortran = false, size = 0, version = 1 } = {},
): Uint8Array {
  const list = shape.map((axis) => `${axis},`).join(' ');
  const dict = `{'descr': ${descr}, 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${list}), }`;
  const prefix = version === 1 ? 10 : 12;
  const text = `${dict.padEnd(Math.ceil((dict.length + prefix + 1) / 64) * 64 - prefix - 1)}\n`;
  const head = Uint8Array.from(`\x93NUMPY${String.fromCharCode(version)}\0`, (char) => char.charCodeAt(0));
  const claimed = size || text.length;
  const length = [claimed & 255, (claimed >> 8) & 255, (claimed >> 16) & 255, claimed >> 24];
  return Uint8Array.of(...head, ...length.slice(0, prefix - 8), ...new TextEncoder().encode(text), ...bytes);
}
