/** One named property of a backend; `run` throws where it does not hold. */
export interface ContractCheck {
  readonly name: string;
  /** Resolves where the property holds and throws where it does not. */
  run(): Promise<void>;
}

/** The checks of one contract suite. Run them in order and dispose it after the last. */
export interface Contract extends AsyncDisposable {
  readonly checks: readonly ContractCheck[];
}
