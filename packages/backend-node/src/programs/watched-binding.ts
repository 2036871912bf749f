import type { Binding, TensorflowTape } from './tensorflow-tape';

/** The addon of tfjs-node with somebody who watches what it is asked. */
export interface WatchedBinding extends Binding {
  /** Notes everything that is asked, while it is set. */
  recording: TensorflowTape | undefined;
  /** Told of every tensor that is freed. */
  readonly onFreed: Set<(id: number) => void>;
}

/**
 * Another object with the same constants and functions, since those of the addon cannot be replaced.
 *
 * @param fault what to throw instead of an error of TensorFlow
 */
export function watchBinding<T extends Binding>(
  original: T,
  fault: (cause: unknown) => unknown,
): T & WatchedBinding {
  const onFreed: WatchedBinding['onFreed'] = new Set();
  const cannotRepeat = () => {
    if (watched.recording) watched.recording.repeatable = false;
  };
  // Not enumerable, so that a spread would lose them.
  const names = Object.getOwnPropertyNames(original) as (keyof T)[];
  const watched: WatchedBinding = {
    ...(Object.fromEntries(names.map((name) => [name, original[name]])) as unknown as T),
    recording: undefined,
    onFreed,
    executeOp(operation, attributes, inputs, outputs) {
      try {
        const made = original.executeOp(operation, attributes, inputs, outputs);
        watched.recording?.operation(operation, attributes, inputs, made);
        return made;
      } catch (cause) {
        throw fault(cause);
      }
    },
    createTensor(shape, type, values) {
      const id = original.createTensor(shape, type, values);
      watched.recording?.upload(id, values);
      return id;
    },
    deleteTensor(id) {
      if (watched.recording?.free(id) === false) return;
      for (const listener of onFreed) listener(id);
      original.deleteTensor(id);
    },
    tensorDataSync(id) {
      cannotRepeat();
      return original.tensorDataSync(id);
    },
    runSavedModel(...args) {
      cannotRepeat();
      return original.runSavedModel(...args);
    },
  };
  return watched as T & WatchedBinding;
}
