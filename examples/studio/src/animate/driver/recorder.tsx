import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { cameraProblem, closeCamera, openCamera } from '../../ui/camera';
import { Icon } from '../../ui/icon';
import type { Problem } from '../../ui/problem';
import { ProblemNote } from '../../ui/problem-note';

/** The longest recording, in seconds. */
const longest = 10;

/** Records a clip with the camera. */
export function Recorder({ onClip }: { onClip: (clip: Blob) => void }) {
  const stream = useSignal<MediaStream | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const gone = useRef(false);
  const open = async () => {
    problem.value = undefined;
    try {
      const opened = await openCamera();
      if (gone.current || stream.value) closeCamera(opened);
      else stream.value = opened;
    } catch (error) {
      problem.value = cameraProblem(error);
    }
  };
  const close = () => {
    closeCamera(stream.value);
    stream.value = undefined;
  };
  useEffect(
    () => () => {
      gone.current = true;
      closeCamera(stream.peek());
    },
    [],
  );
  return (
    <>
      <button type="button" class="button button-small" onClick={open}>
        <Icon name="camera" />
        Record
      </button>
      {stream.value && <Recording stream={stream.value} onClose={close} onClip={onClip} />}
      <ProblemNote problem={problem.value} onClose={() => (problem.value = undefined)} />
    </>
  );
}

interface RecordingProps {
  readonly stream: MediaStream;
  readonly onClip: (clip: Blob) => void;
  readonly onClose: () => void;
}

function Recording({ stream, onClip, onClose }: RecordingProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const recorder = useSignal<MediaRecorder | undefined>(undefined);
  const left = useSignal(longest);
  useEffect(() => {
    dialog.current?.showModal();
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  useEffect(() => {
    if (!recorder.value) return;
    const timer = setInterval(() => {
      if (--left.value === 0) recorder.value?.stop();
    }, 1000);
    return () => clearInterval(timer);
  }, [recorder.value]);
  const record = () => {
    const next = new MediaRecorder(stream, { mimeType: typeOf(), videoBitsPerSecond: 4_000_000 });
    const parts: Blob[] = [];
    next.ondataavailable = ({ data }) => parts.push(data);
    next.onstop = () => {
      // A camera that is turned off stops it, too: then nobody wants the clip.
      if (!stream.active) return;
      onClip(new Blob(parts, { type: next.mimeType }));
      // Gives the focus back to the button that has opened it.
      dialog.current?.close();
    };
    next.start();
    recorder.value = next;
  };
  return (
    <dialog ref={dialog} class="dialog" aria-label="Record a clip" onClose={onClose}>
      <video ref={video} class="mirrored" autoPlay muted playsInline />
      <div class="row row-spread">
        <button type="button" class="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        {recorder.value ? (
          <button type="button" class="button button-main numbers" onClick={() => recorder.value?.stop()}>
            <Icon name="stop" />
            Stop ({left} s left)
          </button>
        ) : (
          <button type="button" class="button button-main" onClick={record}>
            Record up to {longest} s
          </button>
        )}
      </div>
    </dialog>
  );
}

/** The first type that this browser records. */
function typeOf(): string {
  const types = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm', 'video/mp4'];
  return types.find((type) => MediaRecorder.isTypeSupported(type)) ?? '';
}
