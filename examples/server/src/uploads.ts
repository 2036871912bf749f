import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type AnimateJob, defaultLimits } from '@faceanim/jobs';
import { probeVideo, readImage } from '@faceanim/media';
import { FaceanimError } from '@faceanim/tensor/errors';
import busboy from 'busboy';
import sharp, { type Metadata } from 'sharp';

/** The most pixels of a look, and of a frame of a driver, as workers take by default. */
const maxPixels = defaultLimits.pixels;

/** A form as it was received: paths of its files. */
interface Form {
  driver?: string;
  look?: string;
  flags?: AnimateJob['flags'];
}

/**
 * Receives a multipart form: the files `driver` and `look`, and `flags` as JSON. Files go to a temporary folder as they come, so
 * the memory of the server does not depend on their size.
 *
 * @param submit queues the job, and copies its files to the storage
 * @returns the id
 * @throws {FaceanimError} `too-large`; `invalid-option` for another form; `media` for what is no video or picture
 */
export async function receiveJob(
  request: IncomingMessage,
  maxBytes: number,
  submit: (job: AnimateJob) => Promise<string>,
): Promise<string> {
  // Each of two files may be as large, and a form adds a little. Without a length, an upload might never end.
  if (!(Number(request.headers['content-length']) < 2 * maxBytes + 1e5)) throw tooLarge('The form', maxBytes);
  const folder = await mkdtemp(join(tmpdir(), 'faceanim-upload-'));
  try {
    const { driver, look, flags } = await receiveForm(request, folder, maxBytes);
    if (!driver) throw new FaceanimError('invalid-option', 'The form has no file "driver".');
    // A worker would find out, too, but nobody should have to wait for that.
    for (const file of look ? [driver, look] : [driver]) await checkPixels(file);
    await probeVideo(driver);
    if (look) await readImage(look, { maxSide: 64 });
    return await submit({ driver, look, flags });
  } catch (error) {
    throw withoutFolder(error, `${folder}/`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Refuses a picture that takes gigabytes to decode, by its header: a file of some kilobytes may be one. */
async function checkPixels(file: string): Promise<void> {
  const header = sharp(file, { limitInputPixels: false }).metadata();
  const { width = 0, pageHeight, height = 0 } = await header.catch(() => ({}) as Partial<Metadata>);
  const pixels = width * (pageHeight ?? height);
  if (pixels <= maxPixels) return;
  throw new FaceanimError('too-large', `${file} has ${pixels} pixels, more than ${maxPixels}.`, {
    hint: 'Make it smaller.',
  });
}

async function receiveForm(request: IncomingMessage, folder: string, maxBytes: number): Promise<Form> {
  const form: Form = {};
  let flags = '{}';
  const written: Promise<void>[] = [];
  const parser = parserOf(request, maxBytes);
  parser.on('file', (name, stream, { filename }) => {
    const input = (['driver', 'look'] as const).find((known) => known === name);
    if (!input || form[input]) return stream.resume();
    form[input] = join(folder, input + extensionOf(filename));
    const file = pipeline(stream, createWriteStream(form[input])).then(() => {
      if (stream.truncated) throw tooLarge(`The ${input}`, maxBytes);
    });
    // What is too large is reported when the form has been read to its end: only then does the client listen. A disk that is
    // full ends it at once, as nobody takes the rest of the file.
    file.catch((error) => {
      if (isSystemError(error)) parser.destroy(error);
    });
    written.push(file);
  });
  parser.on('field', (name, value) => {
    if (name === 'flags') flags = value;
  });
  await pipeline(request, parser).catch((cause) => {
    throw isSystemError(cause) ? cause : noForm(cause);
  });
  await Promise.all(written);
  return { ...form, flags: flagsOf(flags) };
}

function flagsOf(text: string): AnimateJob['flags'] {
  try {
    return JSON.parse(text) as AnimateJob['flags'];
  } catch (cause) {
    throw new FaceanimError('invalid-option', 'flags is not JSON.', {
      cause,
      hint: 'E.g. {"steps-next": 5}',
    });
  }
}

function parserOf({ headers }: IncomingMessage, fileSize: number) {
  try {
    return busboy({ headers, limits: { fileSize, files: 2, fields: 1, fieldSize: 1e5 } });
  } catch (cause) {
    throw noForm(cause);
  }
}

const isSystemError = (error: NodeJS.ErrnoException) => error.syscall !== undefined;

function noForm(cause: unknown): FaceanimError {
  return new FaceanimError('invalid-option', 'The request holds no multipart form.', {
    cause,
    hint: 'Send the files driver and look, and flags as JSON if you like.',
  });
}

function tooLarge(what: string, maxBytes: number): FaceanimError {
  return new FaceanimError('too-large', `${what} has more than ${maxBytes} bytes.`, {
    hint: 'Make it smaller or shorter.',
  });
}

/** The extension of a name that a stranger has chosen. */
function extensionOf(name = ''): string {
  const extension = extname(name).toLowerCase();
  return /^\.[a-z0-9]{1,5}$/.test(extension) ? extension : '';
}

/** An error whose message does not tell where the files are. */
function withoutFolder(error: unknown, folder: string): unknown {
  if (!FaceanimError.isInstance(error)) return error;
  const { code, message, hint } = error;
  return new FaceanimError(code, message.replaceAll(folder, ''), { hint, cause: error });
}
