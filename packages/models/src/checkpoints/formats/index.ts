import type { FormatReader } from '../format';
import { readNpy } from './npy';
import { readNvidiaPickle } from './nvidia-pickle';
import { readSafetensors } from './safetensors';
import { readTorchLegacy } from './torch-legacy';
import { readTorchZip } from './torch-zip';

/** How a file begins: a regular expression, or its first bytes as Latin-1 text with ? for any byte. */
export type Signature = string | RegExp;

/** Formats that are read, by signature; the first match wins. */
export const formats: readonly [Signature, FormatReader][] = [
  // The length of the header, a 64-bit number that fits into 32 bits, then its JSON. This comes first because the length
  // may begin like any signature below; none of those has four zeros there.
  ['????\0\0\0\0{', readSafetensors],
  ['PK\x03\x04', readTorchZip],
  ['PK\x05\x06', readTorchZip],
  // The protocol, then torch's magic number as LONG1.
  ['\x80?\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19', readTorchLegacy],
  ['\x80', readNvidiaPickle],
  ['\x93NUMPY', readNpy],
  // Safetensors whose header claims to be longer than any file; the reader reports it.
  ['????????{', readSafetensors],
];
