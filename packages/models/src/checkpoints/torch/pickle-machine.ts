import type { FaceanimError } from '@faceanim/tensor';
import { isDangerous } from './dangerous-calls';
import { PersistentId, PickleGlobal, PickleObject } from './pickle-records';

/** Characters of the longest name of a class or function: names are compared many times. */
const LONGEST_GLOBAL = 512;

/** Makes an error. `why` continues a sentence that begins with "the pickle". */
type Fail = (why: string, hint?: string) => FaceanimError;

/**
 * The stack machine that runs a pickle: a stack of values, marks in it, and a memo. Where Python would make an object, it
 * records what Python would call.
 */
export class PickleMachine {
  /** Every reference to something outside the pickle, in order. */
  readonly persistentIds: PersistentId[] = [];
  readonly #stack: unknown[] = [];
  /** Height of the stack at each open mark. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, unknown>();

  constructor(private readonly fail: Fail) {}

  push(value: unknown): undefined {
    this.#stack.push(value);
  }

  pop(): unknown {
    return this.popMany(1)[0];
  }

  top(): unknown {
    this.#expect(1);
    return this.#stack.at(-1);
  }

  popMany(count: number): unknown[] {
    this.#expect(count);
    return this.#stack.splice(this.#stack.length - count);
  }

  mark(): undefined {
    this.#marks.push(this.#stack.length);
  }

  popToMark(): unknown[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.fail('closes a group that was never opened');
    return this.#stack.splice(mark);
  }

  /** Removes the top, which may be a mark, as in Python. */
  drop(): undefined {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  /** Stores the top in the memo. Default: after what is there. */
  store(index = this.#memo.size): undefined {
    this.#memo.set(index, this.top());
  }

  recall(index: number): undefined {
    if (!this.#memo.has(index)) throw this.fail(`refers to object ${index}, which it never stored`);
    this.push(this.#memo.get(index));
  }

  /** Appends values to the list, or the object like one, on top. */
  append(values: readonly unknown[]): undefined {
    const target = this.top();
    const list = target instanceof PickleObject ? (target.items ??= []) : target;
    if (!Array.isArray(list)) throw this.fail('appends to something that is no list');
    for (const value of values) list.push(value);
  }

  /** Sets items of the dict, or the object like one, on top: keys and values in turn. */
  assign(values: readonly unknown[]): undefined {
    const target = this.top();
    const map = target instanceof PickleObject ? (target.entries ??= new Map()) : target;
    if (!(map instanceof Map)) throw this.fail('sets items of something that is no dict');
    if (values.length % 2) throw this.fail('sets a key without a value');
    for (let i = 0; i < values.length; i += 2) map.set(values[i], values[i + 1]);
  }

  global(module: unknown, name: unknown): PickleGlobal {
    if (typeof module !== 'string' || typeof name !== 'string')
      throw this.fail('names a global without a name');
    const length = module.length + name.length;
    if (length > LONGEST_GLOBAL) throw this.fail(`names a global of ${length} characters`);
    return new PickleGlobal(module, name);
  }

  /** Records that Python would call a class or function, with positional arguments. */
  call(callable: unknown, args: unknown): undefined {
    if (!Array.isArray(args)) throw this.fail('makes an object without arguments');
    if (callable instanceof PickleGlobal && isDangerous(callable)) {
      throw this.fail(
        `asks Python to call ${callable.path}. Nothing was run`,
        'Do not open this file in Python: no checkpoint needs that. Get it from its original publisher.',
      );
    }
    this.push(new PickleObject(callable, args));
  }

  /** Sets the state of the object on top. */
  build(state: unknown): undefined {
    const target = this.top();
    if (!(target instanceof PickleObject)) throw this.fail('sets the state of something that is no object');
    target.state = state;
  }

  persistent(id: unknown): undefined {
    const reference = new PersistentId(id);
    this.persistentIds.push(reference);
    this.push(reference);
  }

  /** Throws unless the stack holds `count` values above the last mark. */
  #expect(count: number): void {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) throw this.fail('takes from an empty stack');
  }
}
