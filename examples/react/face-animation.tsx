import { imageData } from '@faceanim/browser';
import { type FormEvent, useEffect, useRef } from 'react';
import { useFaceAnimation } from './use-face-animation';

/** Takes a look and a driver, and shows the animation while it is made and when it is finished. */
export function FaceAnimation() {
  const { status, progress, frame, video, error, animate, cancel } = useFaceAnimation();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (frame?.image) canvas.current?.getContext('2d')?.putImageData(imageData(frame.image), 0, 0);
  }, [frame]);
  const player = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!video || !player.current) return;
    const address = URL.createObjectURL(video);
    player.current.src = address;
    return () => URL.revokeObjectURL(address);
  }, [video]);

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    void animate(given.get('look') as File, given.get('driver') as File);
  }

  return (
    <form onSubmit={submit}>
      <label>
        Look <input name="look" type="file" accept="image/*" required />
      </label>
      <label>
        Driver <input name="driver" type="file" accept="video/*,image/webp,image/gif" required />
      </label>
      {status === 'running' ? (
        // The keys keep React from turning the clicked button into the one that submits.
        <button key="cancel" type="button" onClick={cancel}>
          Cancel
        </button>
      ) : (
        <button key="animate" type="submit">
          Animate
        </button>
      )}
      {status === 'running' && <progress value={progress?.fraction} aria-label={progress?.stage} />}
      {frame && <canvas ref={canvas} width={frame.image?.width} height={frame.image?.height} />}
      {video && <video ref={player} controls autoPlay loop muted />}
      {error && (
        <p role="alert">
          {error.message} {error.hint}
        </p>
      )}
    </form>
  );
}
