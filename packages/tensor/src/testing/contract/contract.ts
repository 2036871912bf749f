/** One named check of a contract suite. */
export interface ContractCheck {
  readonly name: string;
  /** Rejects if the check fails. */
  run(): Promise<void>;
}

/** A contract suite: run its checks in order, then dispose it. */
export interface Contract extends AsyncDisposable {
  readonly checks: readonly ContractCheck[];
}
