import { FaceanimError } from '@faceanim/tensor/errors';

/** What a file is, by its first bytes and not by its name. */
export type FileKind =
  | 'png'
  | 'apng'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'tiff'
  | 'avif'
  | 'heic'
  | 'bmp'
  | 'jxl'
  | 'jp2'
  | 'playlist'
  | 'empty';

const decoded: ReadonlySet<FileKind | undefined> = new Set(['png', 'jpeg', 'gif', 'webp', 'tiff', 'avif']);

/** Whether sharp decodes all of such a file. Of an animated PNG it takes the first frame only. */
export function isPicture(kind: FileKind | undefined): boolean {
  return decoded.has(kind);
}

/** How files of each kind start. */
const signatures: readonly (readonly [FileKind, RegExp])[] = [
  ['jpeg', /^\xff\xd8\xff/],
  ['gif', /^GIF8/],
  ['webp', /^RIFF.{4}WEBP/s],
  ['tiff', /^(II[*+]\0|MM\0[*+])/],
  ['bmp', /^BM.{4}\0\0\0\0/s],
  ['jxl', /^(\xff\x0a|\0\0\0\x0cJXL )/],
  ['jp2', /^\0\0\0\x0cjP {2}/],
  ['playlist', /^(\xef\xbb\xbf)?\s*(#EXTM3U|ffconcat version)/],
];

const pngSignature = '\x89PNG\r\n\x1a\n';

/** The kind of a file that starts with `head`; undefined for any other, such as a video. */
export function kindOf(head: Uint8Array): FileKind | undefined {
  if (head.length === 0) return 'empty';
  const text = latin1(head);
  if (text.startsWith(pngSignature)) return isAnimatedPng(head) ? 'apng' : 'png';
  if (text.slice(4, 8) === 'ftyp') return heifKind(text.slice(8, Math.max(12, uint32(head, 0))));
  return signatures.find(([, signature]) => signature.test(text))?.[0];
}

/** Whether a file starts as a video does: MP4 and QuickTime, Matroska and WebM, AVI. */
export function isVideo(head: Uint8Array): boolean {
  const text = latin1(head.subarray(0, 12));
  // An AVIF sequence has the same container, but holds pictures.
  if (kindOf(head) !== undefined || text.slice(4) === 'ftypavis') return false;
  return /^(.{4}(ftyp|moov|mdat|wide)|\x1aE\xdf\xa3|RIFF.{4}AVI )/s.test(text);
}

/** How many bytes {@link kindOf} needs at most: in an animated PNG the colour profile may come before the mark. */
export const headBytes = 64 * 1024;

/** An animated PNG has a chunk that marks it before the pixels (https://www.w3.org/TR/png-3/#11acTL). */
function isAnimatedPng(head: Uint8Array): boolean {
  for (let at = pngSignature.length; at + 8 <= head.length; at += uint32(head, at) + 12) {
    const type = latin1(head.subarray(at + 4, at + 8));
    if (type === 'acTL') return true;
    if (type === 'IDAT') return false;
  }
  return false;
}

/** The kind of picture that the brands of an ISO media file stand for (HEIF, ISO/IEC 23008-12). */
function heifKind(brands: string): FileKind | undefined {
  if (/avif/.test(brands)) return brands.startsWith('avis') ? undefined : 'avif';
  return /^(hei[cxms]|hev[cxms]|mif1|msf1)/.test(brands) ? 'heic' : undefined;
}

/**
 * Refuses an empty file, and one of a kind that is not read.
 *
 * @throws FaceanimError `media` that says what the file is, and what to do about it
 */
export function refuseKind(kind: FileKind | undefined, path: string): void {
  if (kind === 'empty') {
    const hint = 'It may not have been downloaded or copied to its end: fetch it again.';
    throw new FaceanimError('media', `${path} is empty: it has 0 bytes.`, { file: path, hint });
  }
  const refusal = kind && refusals[kind];
  if (!refusal) return;
  const [what, hint] = refusal;
  throw new FaceanimError('media', `${path} is ${what}, which is not read.`, { file: path, hint });
}

const refusals: Partial<Record<FileKind, readonly [what: string, hint: string]>> = {
  heic: [
    'a HEIC picture',
    'Save it as JPEG: export it from the photo application, run `sips -s format jpeg in.heic --out out.jpg` (macOS) or `heif-convert in.heic out.jpg`, or set the camera of the phone to its most compatible format.',
  ],
  bmp: ['a BMP picture', 'Save it as PNG, e.g. by `ffmpeg -i in.bmp out.png`.'],
  jxl: ['a JPEG XL picture', 'Save it as PNG or JPEG, e.g. by `djxl in.jxl out.png`.'],
  jp2: ['a JPEG 2000 picture', 'Save it as PNG, e.g. by `ffmpeg -i in.jp2 out.png`.'],
  playlist: ['a playlist', 'It only names other files: pass the video itself.'],
};

/** Each byte as the character of its number; a `TextDecoder` for latin1 would decode Windows-1252. */
function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at);
}
