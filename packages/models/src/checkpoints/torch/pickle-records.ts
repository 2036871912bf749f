/** The name of a class or function that the pickle refers to. */
export class PickleGlobal {
  /** `module.name`. */
  readonly path: string;

  constructor(
    readonly module: string,
    readonly name: string,
  ) {
    this.path = `${module}.${name}`;
  }
}

/**
 * A record of an object that Python would create by calling `callable` with `args`; nothing is called. `entries`, `items`
 * and `state` are what the pickle then adds to a mapping, a list or any other object.
 */
export class PickleObject {
  entries: Map<unknown, unknown> | undefined;
  items: unknown[] | undefined;
  state: unknown;

  constructor(
    readonly callable: unknown,
    readonly args: readonly unknown[],
  ) {}

  /** Whether the class or function with this path would create it. */
  isFrom(path: string): boolean {
    return this.callable instanceof PickleGlobal && this.callable.path === path;
  }
}

/** A reference to something outside the pickle; in torch files, a storage. */
export class PersistentId {
  constructor(readonly id: unknown) {}
}

/** A bytes object: where it is in the file, and its content if that is short. */
export class PickleBytes {
  constructor(
    readonly offset: number,
    readonly length: number,
    readonly content: Uint8Array | undefined,
  ) {}
}
