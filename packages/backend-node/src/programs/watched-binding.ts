import type { Binding, TensorflowRecording } from './tensorflow-recording';

/** The addon of tfjs-node, with hooks to record its calls. */
export interface WatchedBinding extends Binding {
  /** Records all calls while it is set. */
  recording: TensorflowRecording | undefined;
  /** Called with the id of every tensor that is freed. */
  readonly onFreed: Set<(id: number) => void>;
}

/**
 * Wraps the addon, whose own functions cannot be replaced, in an object with the same constants and functions.
 *
 * @param fault maps an error of TensorFlow to the error to throw
 */
export function watchBinding<T extends Binding>(
  original: T,
  fault: (cause: unknown) => unknown,
): T & WatchedBinding {
  const onFreed: WatchedBinding['onFreed'] = new Set();
  const cannotRepeat = () => {
    if (watched.recording) watched.recording.repeatable = false;
  };
  // They are not enumerable, so a spread would lose them.
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
