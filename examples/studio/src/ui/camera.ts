import { type Problem, problemOf } from './problem';

/** Opens the camera, without sound. */
export async function openCamera(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException('This page may not use the camera.', 'SecurityError');
  return navigator.mediaDevices.getUserMedia({
    video: { width: { ideal: 640 }, height: { ideal: 480 }, facingMode: 'user' },
  });
}

/** Turns the camera off. */
export function closeCamera(stream: MediaStream | undefined): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Why the camera did not open, in words. */
export function cameraProblem(error: unknown): Problem {
  if (!(error instanceof DOMException)) return problemOf(error);
  switch (error.name) {
    case 'NotAllowedError':
      return {
        what: 'The camera was not allowed.',
        advice: 'Allow it beside the address of the page, and try again.',
      };
    case 'NotFoundError':
      return { what: 'No camera was found.', advice: 'Connect one, or use a video file.' };
    case 'SecurityError':
      return { what: 'This page may not use the camera.', advice: 'Open it over https or from localhost.' };
    default:
      return {
        what: 'The camera could not be opened.',
        advice: 'Another program may be using it. Close that, and try again.',
      };
  }
}
