import { FaceanimError } from '@faceanim/tensor';
import type { ByteSource } from './byte-source';
import { corrupt } from './errors';
import type { FormatReader } from './format';
import { readNpy } from './npy';
import { readNvidiaPickle } from './nvidia-pickle';
import { readSafetensors } from './safetensors';
import { readTorchLegacy } from './torch-legacy';
import { readTorchZip } from './torch-zip';

/** How a file begins: a regular expression, or its first bytes as Latin-1 text with ? for any byte. */
type Signature = string | RegExp;

const readers: readonly [Signature, FormatReader][] = [
  // The length of the header, a 64-bit number that is never beyond 32 bits, then its JSON. First of all, because the
  // length may begin like any of those below; none of them has four zeros there.
  ['????\0\0\0\0{', readSafetensors],
  ['PK\x03\x04', readTorchZip],
  ['PK\x05\x06', readTorchZip],
  // Protocol, then torch's magic number as LONG1.
  ['\x80?\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19', readTorchLegacy],
  ['\x80', readNvidiaPickle],
  ['\x93NUMPY', readNpy],
  // Safetensors whose header claims to be longer than any file: its reader says so.
  ['????????{', readSafetensors],
];

const useTorch = 'Networks of PyTorch are read: .safetensors, .pt, .pth, .pth.tar, .pkl.';
const notAnImage = 'Pass the checkpoint here; images and videos go into the options `look` and `driver`.';

/** What is often found in place of a checkpoint, and what to do then. */
const impostors: readonly [Signature, what: string, hint: string][] = [
  ['version https://git-lfs', 'a Git LFS pointer, not the file it points to', 'Run `git lfs pull`.'],
  [
    /^\s*<(!doctype|html|head|\?xml)/i,
    'a web page (HTML)',
    'The download gave a page instead of the file: open the link in a browser and save the file itself.',
  ],
  ['\x89PNG', 'a PNG image', notAnImage],
  ['\xff\xd8\xff', 'a JPEG image', notAnImage],
  ['RIFF????WEBP', 'a WebP image', notAnImage],
  ['????ftyp', 'a video (MP4)', notAnImage],
  ['\x1f\x8b', 'compressed by gzip', 'Unpack it with gunzip first.'],
  [/^(BZh|7z|Rar!)/, 'a compressed archive', 'Unpack it first.'],
  [`${'?'.repeat(257)}ustar`, 'a tar archive', 'Unpack it with tar and pass the checkpoint inside.'],
  ['\x89HDF', 'an HDF5 file (Keras)', useTorch],
  ['GGUF', 'a GGUF file', useTorch],
  ['\x08?\x12', 'an ONNX file', 'Pass the PyTorch checkpoint it was exported from.'],
  ['\x08?:', 'an ONNX file', 'Pass the PyTorch checkpoint it was exported from.'],
  [/^\s*[{[]/, 'JSON text', useTorch],
];

/**
 * The reader for what the file contains; its name does not matter.
 *
 * @throws FaceanimError `checkpoint-corrupt` for an empty file or one that is no checkpoint, saying what it is.
 */
export async function sniffFormat(source: ByteSource, signal?: AbortSignal): Promise<FormatReader> {
  if (source.size === 0) {
    throw corrupt(source, 'the file is empty.', {
      offset: 0,
      hint: 'Download it again; the last try was cut off.',
    });
  }
  const head = await source.read(0, Math.min(source.size, 512), signal);
  const text = String.fromCharCode(...head);
  const reader = readers.find(([signature]) => matches(text, signature))?.[1];
  if (reader) return reader;
  const [, what, hint] = impostors.find(([signature]) => matches(text, signature)) ?? [
    undefined,
    'no checkpoint of a known format',
    useTorch,
  ];
  throw new FaceanimError('checkpoint-corrupt', `${source.file} is ${what}.`, {
    file: source.file,
    offset: 0,
    hint,
  });
}

function matches(text: string, signature: Signature): boolean {
  if (typeof signature !== 'string') return signature.test(text);
  return (
    signature.length <= text.length && [...signature].every((byte, i) => byte === '?' || byte === text[i])
  );
}
