import './live.css';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fillLook, look } from '../look/look';
import { LookCard } from '../look/look-card';
import { announce } from '../ui/announcer';
import { cameraProblem, closeCamera, openCamera } from '../ui/camera';
import { Consent } from '../ui/consent';
import { Icon } from '../ui/icon';
import { Picture } from '../ui/picture';
import type { Problem } from '../ui/problem';
import { ProblemNote } from '../ui/problem-note';
import { drivers } from '../ui/samples';
import { LiveControls } from './live-controls';
import {
  faceFound,
  liveBackend,
  liveImage,
  livePhase,
  liveProblem,
  opening,
  speed,
  startLive,
  stopLive,
} from './session';

/** A look that follows the camera. */
export default function LivePanel() {
  const video = useRef<HTMLVideoElement>(null);
  const problem = useSignal<Problem | undefined>(undefined);
  const mirrored = useSignal(false);
  /** Counts starts and stops. */
  const turn = useRef(0);
  const stop = () => {
    turn.current++;
    stopLive();
    close(video.current);
  };
  useEffect(() => {
    fillLook();
    return stop;
  }, []);
  const start = async (source: 'camera' | 'clip') => {
    const { current: element } = video;
    if (!element) return;
    stop();
    const mine = turn.current;
    problem.value = undefined;
    try {
      const camera = source === 'camera' ? await openCamera() : undefined;
      // Stopped, or started otherwise, while the browser was asking.
      if (turn.current !== mine) return closeCamera(camera);
      if (camera) element.srcObject = camera;
      else element.src = drivers[1]!.file;
      mirrored.value = source === 'camera';
      await element.play();
    } catch (error) {
      if (turn.current === mine) problem.value = cameraProblem(error);
      return;
    }
    if (turn.current !== mine) return;
    await startLive(element);
    if (livePhase.value === 'failed') close(element);
  };
  const { value: phase } = livePhase;
  const running = phase === 'on' || phase === 'opening';
  useEffect(() => {
    if (phase === 'opening') announce('Starting');
    if (phase === 'on') announce('The look follows');
    if (phase === 'on') return () => announce('Stopped');
  }, [phase]);
  return (
    <div class="panel">
      <header class="intro">
        <h1>Move a face, live</h1>
        <p>
          The look follows your camera. Every picture gets as many steps as fit into its time; nothing is
          trained. Your pictures never leave this page.
        </p>
      </header>
      <div class="setup">
        <LookCard />
        <LiveControls />
      </div>
      <div class="work">
        <section class="card stage" aria-labelledby="live-title">
          <h2 id="live-title" class="hidden">
            Camera and result
          </h2>
          <div class="live-pictures">
            <figure class="tile tile-driver">
              <div class="tile-picture">
                <video
                  ref={video}
                  class={mirrored.value ? 'mirrored' : ''}
                  aria-label={mirrored.value ? 'The camera' : 'The driver'}
                  muted
                  playsInline
                  loop
                />
                {!running && <p class="empty">The camera is off</p>}
              </div>
              <figcaption>
                <b>{running && !mirrored.value ? 'Clip' : 'You'}</b>
                {livePhase.value === 'on' && !faceFound.value && (
                  <span>no face in sight: the last result is held</span>
                )}
              </figcaption>
            </figure>
            <figure class="tile tile-result">
              <div class="tile-picture">
                <Picture
                  class={mirrored.value ? 'mirrored' : ''}
                  image={liveImage.value ?? look.value?.prepared}
                  label="The result"
                />
              </div>
              <figcaption>
                <b>Result</b>
                {liveImage.value && (
                  <span>
                    {liveImage.value.width} × {liveImage.value.height} pixels
                  </span>
                )}
              </figcaption>
            </figure>
          </div>
          <Meter />
          <Consent />
          <ProblemNote problem={problem.value ?? liveProblem.value} />
          <div class="run-bar">
            <div class="run-row">
              <Status />
              <div class="run-buttons">
                {running ? (
                  <button
                    key="stop"
                    type="button"
                    class="button button-main button-large"
                    data-home
                    onClick={stop}
                  >
                    <Icon name="stop" />
                    Stop
                  </button>
                ) : (
                  <>
                    <button key="clip" type="button" class="button" onClick={() => void start('clip')}>
                      Try a clip
                    </button>
                    <button
                      key="start"
                      type="button"
                      class="button button-main button-large"
                      data-home
                      onClick={() => void start('camera')}
                    >
                      <Icon name="camera" />
                      Start
                    </button>
                  </>
                )}
              </div>
            </div>
          </div>
        </section>
      </div>
    </div>
  );
}

/** Turns the camera off, and empties the video. */
function close(video: HTMLVideoElement | null): void {
  if (!video) return;
  closeCamera((video.srcObject as MediaStream | null) ?? undefined);
  video.srcObject = null;
  video.removeAttribute('src');
  video.load();
}

function Meter() {
  const { value } = speed;
  const numbers = [
    ['Latency', value && `${Math.round(value.latencyMs)} ms`],
    ['Steps a frame', value?.steps],
    ['Frames a second', value?.fps?.toFixed(1)],
  ] as const;
  return (
    <dl class="meter">
      {numbers.map(([name, number]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="numbers">{number || '–'}</dd>
        </div>
      ))}
    </dl>
  );
}

function Status() {
  switch (livePhase.value) {
    case 'opening':
      return (
        <div class="run-status">
          <div class="run-words">{opening.value.words}</div>
          <progress max={1} value={opening.value.fraction} aria-label={opening.value.words} />
        </div>
      );
    case 'on':
      return <p class="run-status">Runs on {liveBackend.value}</p>;
    default:
      return <p class="run-status">Made for a GPU. On a processor there are few frames a second.</p>;
  }
}
