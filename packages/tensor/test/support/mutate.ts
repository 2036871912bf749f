/** Copies a file with up to four random changes of the kinds that break readers. */
export function mutate(original: Uint8Array, uniform: () => number): Uint8Array<ArrayBuffer> {
  const integer = (below: number) => Math.floor(uniform() * below);
  let bytes = new Uint8Array(original);
  for (let changes = 1 + integer(4); changes > 0 && bytes.length > 8; changes--) {
    const at = integer(bytes.length - 8);
    const view = new DataView(bytes.buffer);
    const kinds = [
      () => void (bytes[at] = integer(256)),
      () => void (bytes[at]! ^= 1 << integer(8)),
      () => view.setUint32(at, [0, 0xffffffff, 0x7fffffff, 0x80000000, bytes.length][integer(5)]!, true),
      () => view.setBigUint64(at, [2n ** 63n, 2n ** 64n - 1n, 2n ** 40n, 0n][integer(4)]!, true),
      () => void (bytes = bytes.slice(0, at)),
      () => void bytes.copyWithin(at, integer(bytes.length), integer(bytes.length)),
      () => void (bytes = Uint8Array.of(...bytes.subarray(0, at), integer(256), ...bytes.subarray(at))),
      () => void (bytes = Uint8Array.of(...bytes.subarray(0, at), ...bytes.subarray(at + 1 + integer(8)))),
    ];
    // The last two kinds are for small files: spreading a large one would overflow the stack.
    kinds[integer(bytes.length < 20_000 ? 8 : 6)]!();
  }
  return bytes;
}

/** Copies a JSON value with one part of it replaced by something of another type or size. */
export function mutateJson(value: unknown, uniform: () => number): unknown {
  const integer = (below: number) => Math.floor(uniform() * below);
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0 || integer(6) === 0) {
    const others = [null, -1, 0.5, 1e308, 2 ** 53, '', '../../x', '\0', true, [], {}, [[]], { length: 1e9 }];
    return others[integer(others.length)];
  }
  const [chosen] = entries[integer(entries.length)]!;
  const changed = entries.flatMap(([key, each]): [string, unknown][] => {
    if (key !== chosen) return [[key, each]];
    return integer(6) === 0 ? [] : [[key, mutateJson(each, uniform)]];
  });
  return Array.isArray(value) ? changed.map(([, each]) => each) : Object.fromEntries(changed);
}
