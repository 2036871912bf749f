import { FaceanimError } from '@faceanim/tensor/errors';

/** The error for an address that is not on the storage. */
export function notHere(name: string, address: string, storage: string): FaceanimError {
  return new FaceanimError('invalid-option', `${name}: ${address} is not on the storage: ${storage}.`, {
    file: address,
    hint: 'Pass a path of this machine, which is copied, or an address on the storage.',
  });
}
