import { inputName, type MediaInput } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor/errors';
import type { WorkerProjectOptions } from '../options';
import { isFile } from './inputs';

type Inputs = Partial<Pick<WorkerProjectOptions, 'driver' | 'look'>>;
type Role = keyof Inputs;

/** Does work that reads the inputs of a run. Its errors about one of them say which it is, and name its file. */
export async function namingInput<T>(inputs: Inputs, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw named(error, inputs);
  }
}

function named(error: unknown, inputs: Inputs): unknown {
  if (!FaceanimError.isInstance(error)) return error;
  const role = roleOf(error, inputs);
  const name = role && nameOf(inputs[role]);
  if (!role || !name) return error;
  const { code, message, hint, offset, frame, step } = error;
  // Errors of media begin with the name.
  const text = message.startsWith(name) ? `The ${role} ${message}` : `The ${role} ${name}: ${message}`;
  return new FaceanimError(code, text, { hint, file: name, offset, frame, step, cause: error });
}

function roleOf({ code, file, frame }: FaceanimError, { look, driver }: Inputs): Role | undefined {
  if (code === 'no-face') return frame === undefined ? 'look' : 'driver';
  const names = { look: nameOf(look), driver: nameOf(driver) };
  // Two blobs have the same name: it may be either.
  if (file === undefined || names.look === names.driver) return undefined;
  if (file === names.look) return 'look';
  return file === names.driver ? 'driver' : undefined;
}

/** Pictures and frames at hand have no name. Addresses arrive as text. */
function nameOf(input: Inputs[Role]): string | undefined {
  return isFile(input) ? inputName(input as MediaInput) : undefined;
}
