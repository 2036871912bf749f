import { FolderStorage } from './folder';
import { S3Storage } from './s3';
import type { Storage } from './storage';

/**
 * Opens the storage that a text names: a folder, or `s3://bucket/prefix`.
 *
 * @param endpoint address of an S3-compatible service
 * @throws {FaceanimError} `invalid-option` for an address that is none; `io` if it cannot be reached
 */
export function openStorage(storage: string, endpoint?: string): Promise<Storage> {
  return /^s3:/i.test(storage) ? S3Storage.open(storage, endpoint) : FolderStorage.open(storage);
}
