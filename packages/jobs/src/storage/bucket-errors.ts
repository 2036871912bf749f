import { asWriteError } from '@faceanim/media/files';
import { FaceanimError } from '@faceanim/tensor/errors';

/** What an error is about. */
interface About {
  /** Address of the object. */
  readonly at: string;
  readonly bucket: string;
  /** Address of the service. */
  readonly service: string;
  /** The file of this machine that is read or written. */
  readonly file: string | undefined;
}

/** Codes of this machine's disk. Others are those of the network. */
const disk = /^(ENOSPC|EDQUOT|EACCES|EPERM|EROFS|ENOENT|ENOTDIR|EISDIR|EIO|EMFILE)$/;

const credentials =
  'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, to a key that may list, read, write and delete there.';

/** Turns an error of the S3 client into a typed `io` error that says what to do. Typed errors are returned as they are. */
export function asBucketError(error: unknown, { at, bucket, service, file }: About): unknown {
  if (FaceanimError.isInstance(error) || !(error instanceof Error)) return error;
  const { code } = error as NodeJS.ErrnoException;
  if (file !== undefined && code !== undefined && disk.test(code)) return asWriteError(error, file);
  const io = (message: string, hint?: string) =>
    new FaceanimError('io', message, { cause: error, file: at, ...(hint && { hint }) });
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  switch (error.name) {
    case 'NoSuchBucket':
      return io(
        `The bucket ${bucket} does not exist at ${service}.`,
        'Make it, or check its name and the endpoint.',
      );
    case 'NoSuchKey':
    case 'NotFound':
      return io(`${at} does not exist.`, 'Check the address.');
    case 'CredentialsProviderError':
      return io(`There is no key for ${at}: ${error.message}.`, credentials);
    case 'AccessDenied':
    case 'Forbidden':
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
    case 'ExpiredToken':
      return io(`${service} refuses ${at}: ${error.message || error.name}.`, credentials);
  }
  if (/Region is missing/.test(error.message))
    return io(`The region of the bucket ${bucket} is unknown.`, 'Set AWS_REGION, e.g. to eu-central-1.');
  if ($metadata?.httpStatusCode === undefined || code)
    return io(
      `${at} cannot be reached at ${service}: ${error.message || code || error.name}.`,
      'Is the service there? Check the endpoint and the network.',
    );
  return io(`${at} failed: ${error.message || error.name}.`, 'Check the bucket and the service.');
}
