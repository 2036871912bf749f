/** A network architecture whose weights are recognised; each is declared in the file that builds it. */
export interface Architecture {
  /** Name for people, with its article: `a StyleGAN2 generator`. */
  readonly name: string;
  /** Tensors that no other architecture has; any of them identifies its weights. */
  readonly anchors: readonly string[];
  /** What is known about the licence of published weights. */
  readonly licence?: string;
  /** File that `importCheckpoint` writes the weights to; absent if they cannot be imported. */
  readonly packFile?: string;
}
