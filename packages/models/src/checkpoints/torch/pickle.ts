import { throwIfAborted } from '@faceanim/tensor';
import type { ByteReader } from '../bytes/byte-reader';
import { corrupt } from '../errors';
import { isDangerous } from './dangerous-calls';
import { PersistentId, PickleBytes, PickleGlobal, PickleObject } from './pickle-records';

/** Limits on what a pickle may contain. */
export interface PickleLimits {
  /** Opcodes in one pickle; a StyleGAN2 file has about 20,000. Default 1 million. */
  operations: number;
  /** Total bytes of text in one pickle. Default 64 MiB. */
  text: number;
}

/** The result of reading a pickle. */
export interface Pickle {
  /**
   * Its object as inert data: null, booleans, numbers (bigint beyond 2^53), strings, arrays (lists, tuples and
   * sets), Maps (dicts) and records of what Python would have made. Objects may be shared and may contain themselves.
   */
  readonly value: unknown;
  /** Every reference to something outside, in order. */
  readonly persistentIds: readonly PersistentId[];
}

export const defaultPickleLimits: PickleLimits = { operations: 1_000_000, text: 64 * 2 ** 20 };

/** Bytes of an opcode and its longest argument of fixed length. */
const LONGEST_FIXED = 9;
/** Bytes objects up to this length, such as numpy's scalars, are read at once. Longer ones are tensors and stay in the file. */
const SHORT_BYTES = 64;
/** Characters of the longest name of a class or function: names are compared many times. */
const LONGEST_GLOBAL = 512;
/** Bytes of the longest integer. */
const LONGEST_INTEGER = 256;

/**
 * Reads one pickle of protocol 0 to 5 (Python's pickletools describes the format) as inert data. Nothing is ever
 * imported, called or evaluated.
 *
 * @throws FaceanimError `checkpoint-corrupt` with the offset of the opcode, for pickles that are malformed, exceed `limits`,
 * or would make Python call a function that no checkpoint needs (`os.system`)
 */
export function unpickle(
  reader: ByteReader,
  options: { limits?: Partial<PickleLimits>; signal?: AbortSignal } = {},
): Promise<Pickle> {
  return new Unpickler(reader, { ...defaultPickleLimits, ...options.limits }, options.signal).run();
}

class Unpickler {
  readonly #stack: unknown[] = [];
  /** Height of the stack at each open mark. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();
  readonly #persistentIds: PersistentId[] = [];
  #text = 0;
  /** Offset of the opcode, for errors. */
  #at = 0;

  constructor(
    private readonly reader: ByteReader,
    private readonly limits: PickleLimits,
    private readonly signal: AbortSignal | undefined,
  ) {}

  async run(): Promise<Pickle> {
    const { reader } = this;
    for (let count = 0; count < this.limits.operations; count++) {
      if (count % 4096 === 0) throwIfAborted(this.signal);
      if (reader.available < LONGEST_FIXED) await reader.want(LONGEST_FIXED);
      this.#at = reader.position;
      const opcode = reader.u8();
      if (opcode === 0x2e /* STOP */) return { value: this.#pop(), persistentIds: this.#persistentIds };
      // Only opcodes with an argument of variable length have to wait.
      const pending = this.#step(opcode);
      if (pending) await pending;
    }
    throw this.#corrupt(`has more than ${this.limits.operations} opcodes`);
  }

  /** Executes one opcode; the names are those of Python's pickletools. */
  #step(opcode: number): Promise<void> | undefined {
    const { reader } = this;
    switch (opcode) {
      case 0x80: // PROTO
        return this.#protocol(reader.u8());
      case 0x95: // FRAME
        return this.#frame(reader.u64());

      case 0x4e: // NONE
        return this.#push(null);
      case 0x88: // NEWTRUE
        return this.#push(true);
      case 0x89: // NEWFALSE
        return this.#push(false);
      case 0x4a: // BININT
        return this.#push(reader.i32());
      case 0x4b: // BININT1
        return this.#push(reader.u8());
      case 0x4d: // BININT2
        return this.#push(reader.u16());
      case 0x8a: // LONG1
        return this.#long(reader.u8());
      case 0x8b: // LONG4
        return this.#long(reader.u32());
      case 0x47: // BINFLOAT
        return this.#push(reader.f64BigEndian());
      case 0x49: // INT
      case 0x4c: // LONG
        return this.#line((line) => this.#push(this.#integer(line)));
      case 0x46: // FLOAT
        return this.#line((line) => this.#push(Number(line.replace('inf', 'Infinity'))));

      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING
        return this.#string(reader.u8());
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        return this.#string(reader.u32());
      case 0x8d: // BINUNICODE8
        return this.#string(reader.u64());
      case 0x53: // STRING
        return this.#line((line) => this.#push(undoEscapes(line.replace(/^(['"])(.*)\1$/s, '$2'))));
      case 0x56: // UNICODE
        return this.#line((line) => this.#push(undoEscapes(line)));
      case 0x43: // SHORT_BINBYTES
        return this.#bytes(reader.u8());
      case 0x42: // BINBYTES
        return this.#bytes(reader.u32());
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.#bytes(reader.u64());

      case 0x28: // MARK
        this.#marks.push(this.#stack.length);
        return;
      case 0x30: // POP
        // As in Python, it removes a mark if that is on top.
        if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
        else this.#pop();
        return;
      case 0x31: // POP_MARK
        this.#popToMark();
        return;
      case 0x32: // DUP
        return this.#push(this.#top());

      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
      case 0x8f: // EMPTY_SET
        return this.#push([]);
      case 0x6c: // LIST
      case 0x74: // TUPLE
      case 0x91: // FROZENSET
        return this.#push(this.#popToMark());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.#push(this.#popMany(opcode - 0x84));
      case 0x7d: // EMPTY_DICT
        return this.#push(new Map());
      case 0x64: // DICT
        return this.#push(this.#setItems(new Map(), this.#popToMark()));
      case 0x61: // APPEND
        return this.#append(this.#popMany(1));
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        return this.#append(this.#popToMark());
      case 0x73: // SETITEM
        return this.#assign(this.#popMany(2));
      case 0x75: // SETITEMS
        return this.#assign(this.#popToMark());

      case 0x67: // GET
        return this.#line((line) => this.#recall(Number(line)));
      case 0x68: // BINGET
        return this.#recall(reader.u8());
      case 0x6a: // LONG_BINGET
        return this.#recall(reader.u32());
      case 0x70: // PUT
        return this.#line((line) => void this.#memo.set(Number(line), this.#top()));
      case 0x71: // BINPUT
        return void this.#memo.set(reader.u8(), this.#top());
      case 0x72: // LONG_BINPUT
        return void this.#memo.set(reader.u32(), this.#top());
      case 0x94: // MEMOIZE
        return void this.#memo.set(this.#memo.size, this.#top());

      case 0x63: // GLOBAL
        return this.#line((module) => this.#line((name) => this.#push(this.#global(module, name))));
      case 0x93: // STACK_GLOBAL
        return this.#stackGlobal(this.#popMany(2));
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
        return this.#call(this.#popMany(2));
      case 0x92: // NEWOBJ_EX
        return this.#call(this.#popMany(3));
      case 0x69: // INST
        return this.#line((module) =>
          this.#line((name) => this.#call([this.#global(module, name), this.#popToMark()])),
        );
      case 0x6f: // OBJ
        return this.#object(this.#popToMark());
      case 0x62: // BUILD
        return this.#build(this.#pop());
      case 0x50: // PERSID
        return this.#line((line) => this.#persistent(line));
      case 0x51: // BINPERSID
        return this.#persistent(this.#pop());

      case 0x82: // EXT1
      case 0x83: // EXT2
      case 0x84: // EXT4
      case 0x97: // NEXT_BUFFER
      case 0x98: // READONLY_BUFFER
        throw this.#corrupt('needs data that are not in the file (an extension or an out-of-band buffer)');
      default:
        throw this.#corrupt(`has the unknown opcode 0x${opcode.toString(16).padStart(2, '0')}`);
    }
  }

  #protocol(version: number): undefined {
    if (version > 5) throw this.#corrupt(`is of the unknown protocol ${version}`);
  }

  #frame(length: number): undefined {
    const { position, source } = this.reader;
    if (position + length > source.size)
      throw this.#corrupt(`claims a frame of ${length} bytes, past the end`);
  }

  #push(value: unknown): undefined {
    this.#stack.push(value);
  }

  #pop(): unknown {
    return this.#popMany(1)[0];
  }

  #top(): unknown {
    this.#expect(1);
    return this.#stack.at(-1);
  }

  #popMany(count: number): unknown[] {
    this.#expect(count);
    return this.#stack.splice(this.#stack.length - count);
  }

  #popToMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#corrupt('closes a group that was never opened');
    return this.#stack.splice(mark);
  }

  /** Throws unless the stack holds `count` values above the last mark. */
  #expect(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count)
      throw this.#corrupt('takes from an empty stack');
  }

  async #long(length: number): Promise<void> {
    if (length > LONGEST_INTEGER) throw this.#corrupt(`has an integer of ${length} bytes`);
    await this.reader.need(length);
    const bytes = this.reader.bytes(length);
    const digits = bytes.reduceRight((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
    this.#push(narrow(BigInt.asIntN(8 * length, BigInt(`0x${digits || '0'}`))));
  }

  #integer(line: string): number | bigint | boolean {
    if (line === '00' || line === '01') return line === '01';
    const digits = line.replace(/L$/, '');
    if (digits.length > 3 * LONGEST_INTEGER || !/^[+-]?\d+$/.test(digits)) {
      throw this.#corrupt('has a malformed integer');
    }
    return narrow(BigInt(digits.replace('+', '')));
  }

  async #string(length: number): Promise<void> {
    this.#countText(length);
    await this.reader.need(length);
    this.#push(this.reader.text(length));
  }

  /** Passes the next line of text, without its end, to `use`. */
  async #line(use: (line: string) => Promise<void> | undefined): Promise<void> {
    const length = await this.reader.find(0x0a, this.limits.text - this.#text);
    if (length < 0) throw this.#corrupt('has a line without an end');
    this.#countText(length);
    const line = this.reader.latin1(length);
    this.reader.skip(1);
    await use(line.replace(/\r$/, ''));
  }

  #countText(length: number): void {
    this.#text += length;
    if (this.#text > this.limits.text)
      throw this.#corrupt(`claims more than ${this.limits.text} bytes of text`);
  }

  async #bytes(length: number): Promise<void> {
    const { reader } = this;
    const offset = reader.position;
    let content: Uint8Array | undefined;
    if (length <= SHORT_BYTES) {
      await reader.need(length);
      content = reader.bytes(length);
    } else {
      reader.skip(length);
    }
    this.#push(new PickleBytes(offset, length, content));
  }

  #append(values: unknown[]): undefined {
    const target = this.#top();
    const list = target instanceof PickleObject ? (target.items ??= []) : target;
    if (!Array.isArray(list)) throw this.#corrupt('appends to something that is no list');
    for (const value of values) list.push(value);
  }

  #assign(values: unknown[]): undefined {
    const target = this.#top();
    const map = target instanceof PickleObject ? (target.entries ??= new Map()) : target;
    if (!(map instanceof Map)) throw this.#corrupt('sets items of something that is no dict');
    this.#setItems(map, values);
  }

  #setItems(map: Map<unknown, unknown>, values: unknown[]): Map<unknown, unknown> {
    if (values.length % 2) throw this.#corrupt('sets a key without a value');
    for (let i = 0; i < values.length; i += 2) map.set(values[i], values[i + 1]);
    return map;
  }

  #recall(index: number): undefined {
    if (!this.#memo.has(index)) throw this.#corrupt(`refers to object ${index}, which it never stored`);
    this.#push(this.#memo.get(index));
  }

  #stackGlobal([module, name]: unknown[]): undefined {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw this.#corrupt('names a global without a name');
    this.#push(this.#global(module, name));
  }

  #global(module: string, name: string): PickleGlobal {
    const length = module.length + name.length;
    if (length > LONGEST_GLOBAL) throw this.#corrupt(`names a global of ${length} characters`);
    return new PickleGlobal(module, name);
  }

  #call([callable, args]: unknown[]): undefined {
    if (!Array.isArray(args)) throw this.#corrupt('makes an object without arguments');
    if (callable instanceof PickleGlobal && isDangerous(callable)) {
      throw corrupt(this.reader.source, `asks Python to call ${callable.path}. Nothing was run.`, {
        offset: this.#at,
        hint: 'Do not open this file in Python: no checkpoint needs that. Get it from its original publisher.',
      });
    }
    this.#push(new PickleObject(callable, args));
  }

  #object(values: unknown[]): undefined {
    const [callable, ...args] = values;
    if (values.length === 0) throw this.#corrupt('makes an object without a class');
    this.#call([callable, args]);
  }

  #build(state: unknown): undefined {
    const target = this.#top();
    if (!(target instanceof PickleObject))
      throw this.#corrupt('sets the state of something that is no object');
    target.state = state;
  }

  #persistent(id: unknown): undefined {
    const reference = new PersistentId(id);
    this.#persistentIds.push(reference);
    this.#push(reference);
  }

  #corrupt(why: string) {
    return corrupt(this.reader.source, `the pickle ${why}.`, { offset: this.#at });
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** Undoes the escapes of protocol 0. */
function undoEscapes(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|(.))/gs,
    (all, x, u, long, char) => {
      const code = Number.parseInt(x ?? u ?? long ?? '', 16);
      if (code <= 0x10ffff) return String.fromCodePoint(code);
      return (
        ({ n: '\n', r: '\r', t: '\t', '\\': '\\', "'": "'", '"': '"' } as Record<string, string>)[char] ?? all
      );
    },
  );
}
