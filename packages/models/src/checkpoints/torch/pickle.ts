import { throwIfAborted } from '@faceanim/tensor';
import type { ByteReader } from '../bytes/byte-reader';
import { corrupt } from '../errors';
import { PickleMachine } from './pickle-machine';
import { type PersistentId, PickleBytes } from './pickle-records';

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

const defaultLimits: PickleLimits = { operations: 1_000_000, text: 64 * 2 ** 20 };

/** Bytes of an opcode and its longest argument of fixed length. */
const LONGEST_FIXED = 9;
/** Bytes objects up to this length, such as numpy's scalars, are read at once. Longer ones are tensors and stay in the file. */
const SHORT_BYTES = 64;
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
  return new Unpickler(reader, { ...defaultLimits, ...options.limits }, options.signal).run();
}

/** Decodes opcodes and their arguments, for the machine to run. */
class Unpickler {
  readonly #machine = new PickleMachine((why, hint) => this.#corrupt(why, hint));
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
      if (opcode === 0x2e /* STOP */) {
        const { persistentIds } = this.#machine;
        return { value: this.#machine.pop(), persistentIds };
      }
      // Only opcodes with an argument of variable length have to wait.
      const pending = this.#step(opcode);
      if (pending) await pending;
    }
    throw this.#corrupt(`has more than ${this.limits.operations} opcodes`);
  }

  /** Executes one opcode; the names are those of Python's pickletools. */
  #step(opcode: number): Promise<void> | undefined {
    const { reader } = this;
    const machine = this.#machine;
    switch (opcode) {
      case 0x80: // PROTO
        return this.#protocol(reader.u8());
      case 0x95: // FRAME
        return this.#frame(reader.u64());

      case 0x4e: // NONE
        return machine.push(null);
      case 0x88: // NEWTRUE
        return machine.push(true);
      case 0x89: // NEWFALSE
        return machine.push(false);
      case 0x4a: // BININT
        return machine.push(reader.i32());
      case 0x4b: // BININT1
        return machine.push(reader.u8());
      case 0x4d: // BININT2
        return machine.push(reader.u16());
      case 0x8a: // LONG1
        return this.#long(reader.u8());
      case 0x8b: // LONG4
        return this.#long(reader.u32());
      case 0x47: // BINFLOAT
        return machine.push(reader.f64BigEndian());
      case 0x49: // INT
      case 0x4c: // LONG
        return this.#line((line) => machine.push(this.#integer(line)));
      case 0x46: // FLOAT
        return this.#line((line) => machine.push(Number(line.replace('inf', 'Infinity'))));

      case 0x8c: // SHORT_BINUNICODE
      case 0x55: // SHORT_BINSTRING
        return this.#string(reader.u8());
      case 0x58: // BINUNICODE
      case 0x54: // BINSTRING
        return this.#string(reader.u32());
      case 0x8d: // BINUNICODE8
        return this.#string(reader.u64());
      case 0x53: // STRING
        return this.#line((line) => machine.push(undoEscapes(line.replace(/^(['"])(.*)\1$/s, '$2'))));
      case 0x56: // UNICODE
        return this.#line((line) => machine.push(undoEscapes(line)));
      case 0x43: // SHORT_BINBYTES
        return this.#bytes(reader.u8());
      case 0x42: // BINBYTES
        return this.#bytes(reader.u32());
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.#bytes(reader.u64());

      case 0x28: // MARK
        return machine.mark();
      case 0x30: // POP
        return machine.drop();
      case 0x31: // POP_MARK
        machine.popToMark();
        return;
      case 0x32: // DUP
        return machine.push(machine.top());

      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
      case 0x8f: // EMPTY_SET
        return machine.push([]);
      case 0x6c: // LIST
      case 0x74: // TUPLE
      case 0x91: // FROZENSET
        return machine.push(machine.popToMark());
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return machine.push(machine.popMany(opcode - 0x84));
      case 0x7d: // EMPTY_DICT
        return machine.push(new Map());
      case 0x64: // DICT
        return this.#dict(machine.popToMark());
      case 0x61: // APPEND
        return machine.append(machine.popMany(1));
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        return machine.append(machine.popToMark());
      case 0x73: // SETITEM
        return machine.assign(machine.popMany(2));
      case 0x75: // SETITEMS
        return machine.assign(machine.popToMark());

      case 0x67: // GET
        return this.#line((line) => machine.recall(Number(line)));
      case 0x68: // BINGET
        return machine.recall(reader.u8());
      case 0x6a: // LONG_BINGET
        return machine.recall(reader.u32());
      case 0x70: // PUT
        return this.#line((line) => machine.store(Number(line)));
      case 0x71: // BINPUT
        return machine.store(reader.u8());
      case 0x72: // LONG_BINPUT
        return machine.store(reader.u32());
      case 0x94: // MEMOIZE
        return machine.store();

      case 0x63: // GLOBAL
        return this.#line((module) => this.#line((name) => machine.push(machine.global(module, name))));
      case 0x93: // STACK_GLOBAL
        return this.#globalOf(machine.popMany(2));
      case 0x52: // REDUCE
      case 0x81: // NEWOBJ
        return this.#call(machine.popMany(2));
      case 0x92: // NEWOBJ_EX
        return this.#call(machine.popMany(3));
      case 0x69: // INST
        return this.#line((module) =>
          this.#line((name) => machine.call(machine.global(module, name), machine.popToMark())),
        );
      case 0x6f: // OBJ
        return this.#object(machine.popToMark());
      case 0x62: // BUILD
        return machine.build(machine.pop());
      case 0x50: // PERSID
        return this.#line((line) => machine.persistent(line));
      case 0x51: // BINPERSID
        return machine.persistent(machine.pop());

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

  #dict(values: unknown[]): undefined {
    this.#machine.push(new Map());
    this.#machine.assign(values);
  }

  #globalOf([module, name]: unknown[]): undefined {
    this.#machine.push(this.#machine.global(module, name));
  }

  #call([callable, args]: unknown[]): undefined {
    this.#machine.call(callable, args);
  }

  #object(values: unknown[]): undefined {
    if (values.length === 0) throw this.#corrupt('makes an object without a class');
    this.#machine.call(values[0], values.slice(1));
  }

  async #long(length: number): Promise<void> {
    if (length > LONGEST_INTEGER) throw this.#corrupt(`has an integer of ${length} bytes`);
    await this.reader.need(length);
    const bytes = this.reader.bytes(length);
    const digits = bytes.reduceRight((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '');
    this.#machine.push(narrow(BigInt.asIntN(8 * length, BigInt(`0x${digits || '0'}`))));
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
    this.#machine.push(this.reader.text(length));
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
    this.#machine.push(new PickleBytes(offset, length, content));
  }

  #corrupt(why: string, hint?: string) {
    return corrupt(this.reader.source, `the pickle ${why}.`, { offset: this.#at, ...(hint && { hint }) });
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
