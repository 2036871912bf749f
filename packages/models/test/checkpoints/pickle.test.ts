import { FaceanimError } from '@faceanim/tensor';
import { describe, expect, it } from 'vitest';
import { ByteReader } from '../../src/checkpoints/bytes/byte-reader';
import { openByteSource } from '../../src/checkpoints/bytes/byte-source';
import { type PickleLimits, unpickle } from '../../src/checkpoints/torch/pickle';
import {
  PersistentId,
  PickleBytes,
  PickleGlobal,
  PickleObject,
} from '../../src/checkpoints/torch/pickle-records';
import { plainData } from '../../src/checkpoints/torch/plain-data';
import { collectTensors, itemsOf } from '../../src/checkpoints/torch/state-dict';
import { refusal } from './support';

/**
 * `pickle.dumps(value, protocol)` of CPython for protocols 0 to 5, where value = {'none': None,
 * 'bools': [True, False], 'ints': [0, 255, -1, 65536, -2**31, 2**40, -2**70], 'float': [1.5, -1e300, float('inf')],
 * 'text': 'h\u00e9\U0001f600\n\\ "quoted"', 'tuple': (1,), 'deep': ((1, 2), (1, 2, 3), ()),
 * 'ordered': OrderedDict([('b', 1), ('a', 2)]), 'bytes': b'\x00\xff', 'nested': {'list': [[], {}]}}.
 */
const pickles = [
  'KGRwMApWbm9uZQpwMQpOc1Zib29scwpwMgoobHAzCkkwMQphSTAwCmFzVmludHMKcDQKKGxwNQpJMAphSTI1NQphSS0xCmFJNjU1MzYKYUktMjE0NzQ4MzY0OAphTDEwOTk1MTE2Mjc3NzZMCmFMLTExODA1OTE2MjA3MTc0MTEzMDM0MjRMCmFzVmZsb2F0CnA2CihscDcKRjEuNQphRi0xZSszMDAKYUZpbmYKYXNWdGV4dApwOApWaOlcVTAwMDFmNjAwXHUwMDBhXHUwMDVjICJxdW90ZWQiCnA5CnNWdHVwbGUKcDEwCihJMQp0cDExCnNWZGVlcApwMTIKKChJMQpJMgp0cDEzCihJMQpJMgpJMwp0cDE0Cih0dHAxNQpzVm9yZGVyZWQKcDE2CmNjb2xsZWN0aW9ucwpPcmRlcmVkRGljdApwMTcKKHRScDE4ClZiCnAxOQpJMQpzVmEKcDIwCkkyCnNzVmJ5dGVzCnAyMQpjX2NvZGVjcwplbmNvZGUKcDIyCihWXHUwMDAw/wpwMjMKVmxhdGluMQpwMjQKdHAyNQpScDI2CnNWbmVzdGVkCnAyNwooZHAyOApWbGlzdApwMjkKKGxwMzAKKGxwMzEKYShkcDMyCmFzcy4=',
  'fXEAKFgEAAAAbm9uZXEBTlgFAAAAYm9vbHNxAl1xAyhJMDEKSTAwCmVYBAAAAGludHNxBF1xBShLAEv/Sv////9KAAABAEoAAACATDEwOTk1MTE2Mjc3NzZMCkwtMTE4MDU5MTYyMDcxNzQxMTMwMzQyNEwKZVgFAAAAZmxvYXRxBl1xByhHP/gAAAAAAABH/jfkPIgAdZxHf/AAAAAAAABlWAQAAAB0ZXh0cQhYEgAAAGjDqfCfmIAKXCAicXVvdGVkInEJWAUAAAB0dXBsZXEKKEsBdHELWAQAAABkZWVwcQwoKEsBSwJ0cQ0oSwFLAksDdHEOKXRxD1gHAAAAb3JkZXJlZHEQY2NvbGxlY3Rpb25zCk9yZGVyZWREaWN0CnERKVJxEihYAQAAAGJxE0sBWAEAAABhcRRLAnVYBQAAAGJ5dGVzcRVjX2NvZGVjcwplbmNvZGUKcRYoWAMAAAAAw79xF1gGAAAAbGF0aW4xcRh0cRlScRpYBgAAAG5lc3RlZHEbfXEcWAQAAABsaXN0cR1dcR4oXXEffXEgZXN1Lg==',
  'gAJ9cQAoWAQAAABub25lcQFOWAUAAABib29sc3ECXXEDKIiJZVgEAAAAaW50c3EEXXEFKEsAS/9K/////0oAAAEASgAAAICKBgAAAAAAAYoJAAAAAAAAAADAZVgFAAAAZmxvYXRxBl1xByhHP/gAAAAAAABH/jfkPIgAdZxHf/AAAAAAAABlWAQAAAB0ZXh0cQhYEgAAAGjDqfCfmIAKXCAicXVvdGVkInEJWAUAAAB0dXBsZXEKSwGFcQtYBAAAAGRlZXBxDEsBSwKGcQ1LAUsCSwOHcQ4ph3EPWAcAAABvcmRlcmVkcRBjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcREpUnESKFgBAAAAYnETSwFYAQAAAGFxFEsCdVgFAAAAYnl0ZXNxFWNfY29kZWNzCmVuY29kZQpxFlgDAAAAAMO/cRdYBgAAAGxhdGluMXEYhnEZUnEaWAYAAABuZXN0ZWRxG31xHFgEAAAAbGlzdHEdXXEeKF1xH31xIGVzdS4=',
  'gAN9cQAoWAQAAABub25lcQFOWAUAAABib29sc3ECXXEDKIiJZVgEAAAAaW50c3EEXXEFKEsAS/9K/////0oAAAEASgAAAICKBgAAAAAAAYoJAAAAAAAAAADAZVgFAAAAZmxvYXRxBl1xByhHP/gAAAAAAABH/jfkPIgAdZxHf/AAAAAAAABlWAQAAAB0ZXh0cQhYEgAAAGjDqfCfmIAKXCAicXVvdGVkInEJWAUAAAB0dXBsZXEKSwGFcQtYBAAAAGRlZXBxDEsBSwKGcQ1LAUsCSwOHcQ4ph3EPWAcAAABvcmRlcmVkcRBjY29sbGVjdGlvbnMKT3JkZXJlZERpY3QKcREpUnESKFgBAAAAYnETSwFYAQAAAGFxFEsCdVgFAAAAYnl0ZXNxFUMCAP9xFlgGAAAAbmVzdGVkcRd9cRhYBAAAAGxpc3RxGV1xGihdcRt9cRxlc3Uu',
  'gASVFAEAAAAAAAB9lCiMBG5vbmWUTowFYm9vbHOUXZQoiIlljARpbnRzlF2UKEsAS/9K/////0oAAAEASgAAAICKBgAAAAAAAYoJAAAAAAAAAADAZYwFZmxvYXSUXZQoRz/4AAAAAAAAR/435DyIAHWcR3/wAAAAAAAAZYwEdGV4dJSMEmjDqfCfmIAKXCAicXVvdGVkIpSMBXR1cGxllEsBhZSMBGRlZXCUSwFLAoaUSwFLAksDh5Qph5SMB29yZGVyZWSUjAtjb2xsZWN0aW9uc5SMC09yZGVyZWREaWN0lJOUKVKUKIwBYpRLAYwBYZRLAnWMBWJ5dGVzlEMCAP+UjAZuZXN0ZWSUfZSMBGxpc3SUXZQoXZR9lGVzdS4=',
  'gAWVFAEAAAAAAAB9lCiMBG5vbmWUTowFYm9vbHOUXZQoiIlljARpbnRzlF2UKEsAS/9K/////0oAAAEASgAAAICKBgAAAAAAAYoJAAAAAAAAAADAZYwFZmxvYXSUXZQoRz/4AAAAAAAAR/435DyIAHWcR3/wAAAAAAAAZYwEdGV4dJSMEmjDqfCfmIAKXCAicXVvdGVkIpSMBXR1cGxllEsBhZSMBGRlZXCUSwFLAoaUSwFLAksDh5Qph5SMB29yZGVyZWSUjAtjb2xsZWN0aW9uc5SMC09yZGVyZWREaWN0lJOUKVKUKIwBYpRLAYwBYZRLAnWMBWJ5dGVzlEMCAP+UjAZuZXN0ZWSUfZSMBGxpc3SUXZQoXZR9lGVzdS4=',
];

/** Bytes of a pickle from text, one byte per character, or from base64. */
const ascii = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const base64 = (text: string) => ascii(atob(text));

async function load(bytes: Uint8Array, options: { chunk?: number; limits?: Partial<PickleLimits> } = {}) {
  const source = await openByteSource(bytes);
  const { value } = await unpickle(new ByteReader(source, 0, options.chunk), options);
  return value;
}

/** Maps and inert dicts as plain objects. */
function simplify(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(simplify);
  const items = itemsOf(value);
  return items ? Object.fromEntries([...items].map(([key, item]) => [key, simplify(item)])) : value;
}

describe('unpickle', () => {
  it.each(pickles.map((text, protocol) => [protocol, text]))('reads protocol %i', async (protocol, text) => {
    // With a window of a few bytes, every value is cut somewhere.
    for (const chunk of [1, 7, 65536]) {
      const value = (await load(base64(text as string), { chunk })) as Map<string, unknown>;
      const bytes = value.get('bytes');
      value.delete('bytes');
      expect(simplify(value)).toEqual({
        none: null,
        bools: [true, false],
        ints: [0, 255, -1, 65536, -(2 ** 31), 2 ** 40, -(2n ** 70n)],
        float: [1.5, -1e300, Number.POSITIVE_INFINITY],
        text: 'h\u00e9\u{1f600}\n\\ "quoted"',
        tuple: [1],
        deep: [[1, 2], [1, 2, 3], []],
        ordered: { b: 1, a: 2 },
        nested: { list: [[], {}] },
      });
      expect([...itemsOf(value.get('ordered'))!.keys()]).toEqual(['b', 'a']);
      if ((protocol as number) < 3) expect((bytes as PickleObject).isFrom('_codecs.encode')).toBe(true);
      else expect((bytes as PickleBytes).content).toEqual(Uint8Array.of(0, 255));
    }
  });

  it('reads sets and bytearrays', async () => {
    const [frozen, set, bytes] = (await load(
      ascii('\x80\x05(K\x01\x91\x94\x8f\x94(K\x02\x90\x96\x02\0\0\0\0\0\0\0ab\x94\x87\x94.'),
    )) as unknown[];
    expect([frozen, set]).toEqual([[1], [2]]);
    expect((bytes as PickleBytes).content).toEqual(ascii('ab'));
  });

  it('leaves long bytes in the file', async () => {
    const bytes = new Uint8Array(1 + 4 + 1000 + 1);
    bytes.set(ascii('B\xe8\x03\0\0'));
    bytes[bytes.length - 1] = 0x2e;
    expect(await load(bytes)).toEqual(new PickleBytes(5, 1000, undefined));
  });

  it('keeps classes, calls, states and references as inert records', async () => {
    const object = (await load(ascii('cmy.module\nNet\n)\x81}(U\x01aK\x01ub.'))) as PickleObject;
    expect(object.callable).toEqual(new PickleGlobal('my.module', 'Net'));
    expect(object.state).toEqual(new Map([['a', 1]]));
    expect(await load(ascii('(imy\nNet\n.'))).toBeInstanceOf(PickleObject);
    expect(await load(ascii('(cmy\nNet\nK\x01o.'))).toMatchObject({ args: [1] });
    expect(await load(ascii('cmy\nNet\n)}\x92.'))).toBeInstanceOf(PickleObject);
    expect(await load(ascii('Pkey\n.'))).toEqual(new PersistentId('key'));
    expect(await load(ascii('K\x01Q.'))).toEqual(new PersistentId(1));
  });

  it('handles the stack as Python does', async () => {
    expect(await load(ascii('K\x01(0.'))).toBe(1);
    expect(await load(ascii('K\x01K\x020.'))).toBe(1);
    expect(await load(ascii('K\x01(K\x02K\x031.'))).toBe(1);
    expect(await load(ascii('K\x012\x86.'))).toEqual([1, 1]);
    expect(await load(ascii("(dS'a'\nI5\nsp9\n0g9\n."))).toEqual(new Map([['a', 5]]));
    expect(await load(ascii("(S'a'\nL12L\nd."))).toEqual(new Map([['a', 12]]));
    expect(await load(ascii('(K\x01l.'))).toEqual([1]);
  });

  it.each([
    ['nothing', ''],
    ['no STOP', '\x80\x02N'],
    ['STOP on an empty stack', '.'],
    ['a protocol of the future', '\x80\x06N.'],
    ['a mark closed twice', '(tt.'],
    ['a value below the mark', 'K\x01(R.'],
    ['an append to a number', 'K\x01K\x02a.'],
    ['items of a list', ']K\x01K\x02s.'],
    ['a key without a value', '}(K\x01u.'],
    ['a state of a list', ']}b.'],
    ['arguments that are no tuple', 'cmy\nNet\nK\x01R.'],
    ['a global without a name', 'K\x01K\x02\x93.'],
    ['a line without an end', 'cmy'],
    ['an integer that is none', 'Iabc\n.'],
    ['an integer of 2 GB', '\x8b\xff\xff\xff\x7f.'],
    ['a string past the end', 'X\xff\xff\xff\x00ab.'],
    ['a string of 2^60 bytes', '\x8d\0\0\0\0\0\0\0\x10ab.'],
    ['bytes past the end', 'B\xff\xff\xff\x7fab.'],
    ['an extension', '\x82\x01.'],
    ['an out-of-band buffer', '\x97.'],
    ['an OBJ without a class', '(o.'],
    ['an undefined memo', 'g7\n.'],
  ])('refuses %s', async (_, text) => {
    expect(await refusal(load(ascii(text)))).toMatchObject({
      code: 'checkpoint-corrupt',
      file: 'bytes',
      offset: expect.any(Number),
    });
  });

  it.each([
    'cos\nsystem\n(U\x04echotR.',
    'csubprocess\nPopen\n)\x81.',
    '(ibuiltins\nexec\n.',
    '(c__builtin__\ncompile\no.',
    '\x8c\x09importlib\x8c\x0dimport_module\x93)R.',
    'crunpy\nrun_path\n)R.',
  ])('refuses %j and says that nothing was run', async (text) => {
    expect((await refusal(load(ascii(text)))).message).toMatch(/call \S+\. Nothing was run/);
  });

  it('keeps its limits', async () => {
    const limits = { operations: 10, text: 20 };
    expect(await load(ascii('NNNNNNNNN.'), { limits })).toBe(null);
    expect((await refusal(load(ascii('NNNNNNNNNN.'), { limits }))).message).toMatch(/10 opcodes/);
    expect((await refusal(load(ascii(`X\x15\0\0\0${'a'.repeat(21)}.`), { limits }))).message).toMatch(
      /20 bytes/,
    );
    expect(await refusal(load(ascii(`V${'a'.repeat(21)}\n.`), { limits }))).toBeInstanceOf(FaceanimError);
  });
});

describe('converting pickled data', () => {
  const source = { file: 'x', size: 0, read: async () => new Uint8Array(0), close: async () => {} };

  /** Lists of two references to the list before: 2^40 leaves in 200 bytes. */
  function laughs(): unknown {
    let value: unknown = ['ha'];
    for (let i = 0; i < 40; i++) value = [value, value];
    return value;
  }

  it('does not walk shared containers forever', () => {
    expect(() => collectTensors(source, laughs())).toThrow(FaceanimError);
    expect(() => plainData(laughs())).not.toThrow();
  });

  it('does not build endless names', () => {
    let value: unknown = 1;
    for (let i = 0; i < 100; i++) value = new Map([['x'.repeat(100), value]]);
    expect(() => collectTensors(source, value)).toThrow(/names/);
  });

  it('does not follow cycles', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(() => collectTensors(source, cycle)).toThrow(/levels/);
    expect(() => plainData(new Map([['a', cycle]]))).not.toThrow();
  });

  it('takes only strings and numbers as keys, and __proto__ as a name', () => {
    const map = new Map<unknown, unknown>([
      ['__proto__', new Map([['polluted', 1]])],
      [['tuple'], 2],
      ['a', 3],
    ]);
    const data = plainData(map) as object;
    expect(Object.keys(data)).toEqual(['__proto__', 'a']);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it("turns numpy's scalars into numbers", async () => {
    const double = "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f8'\ntRC\x08\0\0\0\0\0\0\xf8?tR.";
    expect(plainData(await load(ascii(double)))).toBe(1.5);
    const flag = "cnumpy._core.multiarray\nscalar\n(cnumpy\ndtype\n(S'b1'\ntRC\x01\x01tR.";
    expect(plainData(await load(ascii(flag)))).toBe(true);
    const short = "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f8'\ntRC\x01\0tR.";
    expect(plainData(await load(ascii(short)))).toBeUndefined();
  });
});
