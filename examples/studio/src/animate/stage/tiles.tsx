import type { ComponentChildren } from 'preact';
import { look } from '../../look/look';
import { FaceLines } from '../../ui/face-lines';
import { Picture } from '../../ui/picture';
import { driver } from '../state/driver';
import { shownFrame, shownImage } from '../state/player';
import { preview } from '../state/preview';

/** The driver with its landmarks, the landmarks to reach on the look, and the result. */
export function Tiles() {
  const { value: frame } = shownFrame;
  const moved = frame?.driver ?? preview.value;
  const size = frame?.driver.size ?? preview.value?.image.width ?? 256;
  const target = moved?.targetLandmarks ?? moved?.alignedLandmarks;
  return (
    <div class="tiles">
      <Tile whose="driver" title="Driver" caption="its landmarks">
        {moved ? (
          <>
            <Picture image={moved.image} label={`Driver, frame ${moved.index + 1}`} />
            <FaceLines landmarks={moved.alignedLandmarks} whose="driver" size={size} />
          </>
        ) : (
          <FirstFrame />
        )}
      </Tile>
      <Tile whose="target" title="Target" caption="the same motion on the look's face">
        <div class="faded">
          <TheLook />
        </div>
        {target && <FaceLines landmarks={target} whose="target" size={size} />}
      </Tile>
      <Tile whose="result" title="Result" caption={frame ? 'drawn by the generator' : 'starts as the look'}>
        {frame ? (
          <Picture image={shownImage.value} label={`Result, frame ${frame.index + 1}`} />
        ) : (
          <TheLook />
        )}
      </Tile>
    </div>
  );
}

/** The crop of the look, or the whole picture until it is cropped. */
function TheLook() {
  const { value } = look;
  if (!value) return null;
  return value.prepared ? (
    <Picture image={value.prepared} label="The look" />
  ) : (
    <img src={value.address} alt="The look" />
  );
}

function FirstFrame() {
  const { value } = driver;
  if (!value) return null;
  return value.info.kind === 'video' ? (
    <video src={value.address} muted playsInline preload="auto" aria-label="The first frame of the driver" />
  ) : (
    <img src={value.address} alt="The driver" />
  );
}

interface TileProps {
  readonly whose: 'driver' | 'target' | 'result';
  readonly title: string;
  readonly caption: string;
  readonly children: ComponentChildren;
}

function Tile({ whose, title, caption, children }: TileProps) {
  return (
    <figure class={`tile tile-${whose}`}>
      <div class="tile-picture">{children}</div>
      <figcaption>
        <b>{title}</b> <span>{caption}</span>
      </figcaption>
    </figure>
  );
}
