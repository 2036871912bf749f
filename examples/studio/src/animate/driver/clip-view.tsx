import { useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { Icon } from '../../ui/icon';
import type { Driver } from '../state/driver';

/** The driver, which plays when it is asked to. */
export function ClipView({ driver: { address, name, info } }: { driver: Driver }) {
  if (info.kind !== 'video')
    return (
      <div class="clip-view">
        <img src={address} alt={name} />
      </div>
    );
  return <Video key={address} address={address} name={name} />;
}

function Video({ address, name }: Pick<Driver, 'address' | 'name'>) {
  const video = useRef<HTMLVideoElement>(null);
  const playing = useSignal(false);
  const toggle = () => void (playing.value ? video.current?.pause() : video.current?.play());
  return (
    <div class="clip-view">
      <video
        ref={video}
        src={address}
        aria-label={name}
        playsInline
        loop
        muted
        preload="auto"
        onPlay={() => (playing.value = true)}
        onPause={() => (playing.value = false)}
      />
      <button type="button" onClick={toggle} aria-label={playing.value ? `Pause ${name}` : `Play ${name}`}>
        <Icon name={playing.value ? 'pause' : 'play'} />
      </button>
    </div>
  );
}
