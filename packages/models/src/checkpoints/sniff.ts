import { FaceanimError } from '@faceanim/tensor';
import type { ByteSource } from './bytes/byte-source';
import { corrupt } from './errors';
import type { FormatReader } from './format';
import { formats, type Signature } from './formats';

const useTorch = 'Pass a network of PyTorch: .safetensors, .pt, .pth, .pth.tar or .pkl.';
const notAnImage = 'Pass the checkpoint here; images and videos go into the options `look` and `driver`.';

/** Files often passed by mistake, and what to do about them. */
const impostors: readonly [Signature, what: string, hint: string][] = [
  ['version https://git-lfs', 'a Git LFS pointer, not the file it points to', 'Run `git lfs pull`.'],
  [
    /^\s*<(!doctype|html|head|\?xml)/i,
    'a web page (HTML)',
    'The server returned a page instead of the file: open the link in a browser and save the file itself.',
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
 * Picks the reader of a file by its content; the name of the file does not matter.
 *
 * @throws FaceanimError `checkpoint-corrupt` for an empty file or one that is no checkpoint; says what it is.
 */
export async function sniffFormat(source: ByteSource, signal?: AbortSignal): Promise<FormatReader> {
  if (source.size === 0) {
    throw corrupt(source, 'the file is empty.', {
      offset: 0,
      hint: 'Download it again; the last download was cut off.',
    });
  }
  const head = await source.read(0, Math.min(source.size, 512), signal);
  const text = String.fromCharCode(...head);
  const reader = formats.find(([signature]) => matches(text, signature))?.[1];
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
