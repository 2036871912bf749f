import { FaceanimError } from '@faceanim/tensor';
import type { ByteSource } from '../bytes/byte-source';
import type { CheckpointContents } from '../format';
import { describeNetworks } from './persistent-networks';
import { collectTensors, itemsOf } from './state-dict';
import { type FindStorage, isTensor, locateTensors } from './torch-tensor';

/** Keys under which training scripts save the state dict. */
const stateDictKeys = ['state_dict', 'model_state_dict', 'model'];

/**
 * Reads an object saved with torch, a state dict or whole modules: its tensors, how its networks were built, and the plain
 * values beside them.
 *
 * @throws FaceanimError `weights-mismatch` if there is no tensor, `checkpoint-corrupt`
 */
export async function readSavedObject(
  source: ByteSource,
  root: unknown,
  findStorage: FindStorage,
): Promise<Omit<CheckpointContents, 'format'>> {
  const { value, metadata } = findStateDict(root);
  const tensors = collectTensors(source, value);
  if (tensors.size === 0) {
    throw new FaceanimError('weights-mismatch', `${source.file} holds no tensor.`, {
      file: source.file,
      hint: 'Save the state dict of the network: torch.save(network.state_dict(), file).',
    });
  }
  // DataParallel adds this prefix to every name.
  const prefix = [...tensors.keys()].every((name) => name.startsWith('module.')) ? 'module.' : '';
  const stripped = <T>(items: ReadonlyMap<string, T>) =>
    new Map([...items].map(([name, item]) => [name.slice(prefix.length), item]));
  return {
    tensors: await locateTensors(source, stripped(tensors), findStorage),
    networks: Object.fromEntries(stripped(describeNetworks(value))),
    metadata,
  };
}

/**
 * Finds the state dict inside what a training script saved (`{epoch, arch, state_dict, …}`, also nested), or takes the
 * value itself, and collects the plain values beside it.
 */
function findStateDict(root: unknown): { value: unknown; metadata: Record<string, string> } {
  const metadata: [string, string][] = [];
  const seen = new Set<unknown>();
  let value = root;
  while (!seen.has(value)) {
    seen.add(value);
    const items = itemsOf(value);
    if (!items || [...items.values()].some(isTensor)) break;
    for (const [key, item] of items) {
      if (typeof key === 'string' && ['string', 'number', 'boolean'].includes(typeof item)) {
        metadata.push([key, String(item)]);
      }
    }
    const key = stateDictKeys.find((name) => typeof items.get(name) === 'object' && items.get(name) !== null);
    if (key === undefined) break;
    value = items.get(key);
  }
  return { value, metadata: Object.fromEntries(metadata) };
}
