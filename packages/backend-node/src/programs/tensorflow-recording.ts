/** The part of the native addon of tfjs-node that is used here. It identifies tensors by number. */
export interface Binding {
  executeOp(operation: string, attributes: unknown, inputs: number[], outputs: number): MadeTensor[];
  createTensor(shape: number[], type: number, values: Values): number;
  deleteTensor(id: number): void;
  tensorDataSync(id: number): unknown;
  runSavedModel(...args: unknown[]): unknown;
}

/** Uploaded values: numbers or strings. */
export type Values = ArrayBufferView | readonly unknown[];

/** A tensor that an operation has created. */
export interface MadeTensor {
  readonly id: number;
  readonly shape: readonly number[];
  readonly dtype: number;
}

/** Where a recorded tensor comes from: an input, outside the step, an upload in the step, or an operation. */
type Source = { input: number } | { outside: number } | { upload: number } | { made: true };

/** An operation, or the disposal of a tensor. Tensors are identified by their index among the sources. */
type Entry =
  | { operation: string; attributes: unknown; inputs: number[]; outputs: number[] }
  | { freed: number };

/** An output of a step: the index of the source of a created tensor, or of the input that is passed through. */
export type TapeOutput = { made: number } | { input: number };

/**
 * The recorded TensorFlow operations of a step, which can be replayed without tfjs. Tensors that were uploaded in the step
 * are kept as constants.
 */
export class TensorflowRecording implements Disposable {
  /** Whether it can be replayed: nothing was read back, and no outside tensor was disposed. */
  repeatable = true;
  readonly #sources: Source[] = [];
  readonly #places = new Map<number, number>();
  readonly #entries: Entry[] = [];
  readonly #uploads: { readonly id: number; readonly values: Values; freed: boolean }[] = [];
  readonly #living = new Set<number>();
  #outputs: readonly TapeOutput[] = [];

  /** @param inputs ids of the inputs of the step */
  constructor(
    readonly binding: Binding,
    inputs: readonly number[],
  ) {
    for (const [input, id] of inputs.entries()) this.#places.set(id, this.#sources.push({ input }) - 1);
  }

  /** Records an operation. */
  operation(operation: string, attributes: unknown, inputs: readonly number[], made: readonly MadeTensor[]) {
    const from = inputs.map((id) => this.#placeOf(id));
    const outputs = made.map(({ id }) => {
      const place = this.#sources.push({ made: true }) - 1;
      this.#places.set(id, place);
      this.#living.add(place);
      return place;
    });
    this.#entries.push({ operation, attributes, inputs: from, outputs });
  }

  /** Records an upload. */
  upload(id: number, values: Values) {
    const upload = this.#uploads.push({ id, values, freed: false }) - 1;
    this.#places.set(id, this.#sources.push({ upload }) - 1);
  }

  /** Records the disposal of a tensor. Returns false if the tensor must live on, as a constant of the recording. */
  free(id: number): boolean {
    const place = this.#placeOf(id);
    const source = this.#sources[place]!;
    if ('upload' in source) {
      this.#uploads[source.upload]!.freed = true;
      return false;
    }
    if ('made' in source) {
      this.#living.delete(place);
      this.#entries.push({ freed: place });
    } else this.repeatable = false;
    return true;
  }

  /** Ends the recording. @param outputs ids of the outputs of the step */
  finish(outputs: readonly number[]): void {
    const places = outputs.map((id) => this.#placeOf(id));
    for (const place of places) this.#living.delete(place);
    this.#outputs = places.map((place) => {
      const source = this.#sources[place]!;
      if ('input' in source) return source;
      if (!('made' in source)) this.repeatable = false;
      return { made: place };
    });
    // Other tensors that are still alive were kept by the step, and a replay would not provide new ones.
    if (this.#living.size > 0 || this.#uploads.some(({ freed }) => !freed)) this.repeatable = false;
  }

  /** Whether another recording has the same operations and constants. */
  isEqual(other: TensorflowRecording): boolean {
    const text = (recording: TensorflowRecording) =>
      JSON.stringify([recording.#sources, recording.#entries, recording.#outputs]);
    return (
      this.#uploads.length === other.#uploads.length &&
      this.#uploads.every(({ values }, i) => sameValues(values, other.#uploads[i]!.values)) &&
      text(this) === text(other)
    );
  }

  /** Whether a tensor from outside the step is used. */
  uses(id: number): boolean {
    const place = this.#places.get(id);
    return place !== undefined && 'outside' in this.#sources[place]!;
  }

  /** Runs the operations again. Returns the created tensor of each output; undefined if it is an input. */
  replay(inputs: readonly number[]): { output: TapeOutput; made: MadeTensor | undefined }[] {
    const ids = this.#sources.map((source) => {
      if ('input' in source) return inputs[source.input]!;
      if ('outside' in source) return source.outside;
      return 'upload' in source ? this.#uploads[source.upload]!.id : -1;
    });
    const living = new Map<number, MadeTensor>();
    try {
      for (const entry of this.#entries) {
        if ('freed' in entry) {
          this.binding.deleteTensor(ids[entry.freed]!);
          living.delete(entry.freed);
          continue;
        }
        const { operation, attributes, outputs } = entry;
        const from = entry.inputs.map((place) => ids[place]!);
        const made = this.binding.executeOp(operation, attributes, from, outputs.length);
        for (const [i, place] of outputs.entries()) {
          ids[place] = made[i]!.id;
          living.set(place, made[i]!);
        }
      }
    } catch (error) {
      for (const { id } of living.values()) this.binding.deleteTensor(id);
      throw error;
    }
    return this.#outputs.map((output) => ({
      output,
      made: 'made' in output ? living.get(output.made) : undefined,
    }));
  }

  /** Frees the constants. */
  [Symbol.dispose](): void {
    for (const { id, freed } of this.#uploads) if (freed) this.binding.deleteTensor(id);
  }

  #placeOf(id: number): number {
    const known = this.#places.get(id);
    if (known !== undefined) return known;
    const place = this.#sources.push({ outside: id }) - 1;
    this.#places.set(id, place);
    return place;
  }
}

function sameValues(a: Values, b: Values): boolean {
  if (!ArrayBuffer.isView(a) || !ArrayBuffer.isView(b)) return JSON.stringify(a) === JSON.stringify(b);
  const bytes = ({ buffer, byteOffset, byteLength }: ArrayBufferView) =>
    Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
  return bytes(a).equals(bytes(b));
}
