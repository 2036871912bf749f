import type { NetworkFiles } from '@faceanim/browser';
import landmarkNet from '@faceanim/models/assets/avatar/fan.safetensors?url';
import likeness from '@faceanim/models/assets/avatar/lpips-student.safetensors?url';
import { signal } from '@preact/signals';
import { DropZone, FileButton } from '../ui/drop-zone';
import { Icon } from '../ui/icon';
import { chooseNetworks, engine, networks } from './engine';

/** The files that can be given, and which are replaced by those of the pack. */
const slots = [
  ['generator', 'Generator', 'StyleGAN2 or 3: .pkl, .pt or .safetensors'],
  ['landmarkNet', 'Landmarks', 'FAN with 68 points; otherwise the bundled one'],
  ['trunk', 'Likeness', 'VGG16 for LPIPS; otherwise the bundled one'],
  ['heads', 'LPIPS heads', 'with a likeness network'],
] as const;

type Slot = (typeof slots)[number][0];

const files = signal<Partial<Record<Slot, File>>>({});
const accept = '.pkl,.pt,.pth,.safetensors,.npz,.ckpt,.bin';

/** Reads checkpoints of the visitor in the page. */
export function OwnNetworks() {
  const { value: given } = files;
  const own = networks.value !== 'avatar';
  const put = (slot: Slot, file: File) => {
    files.value = { ...files.value, [slot]: file };
  };
  return (
    <section class="card own-networks" aria-labelledby="own-title">
      <details class="more" open={own}>
        <summary>
          <Icon name="chevron" />
          <span id="own-title">Your own networks</span>
        </summary>
        <p class="hint">
          Checkpoints are read here, on this device. The bundled networks were trained on drawn faces; with a
          generator for photographs, give it landmarks and likeness networks for photographs too.
        </p>
        {slots.map(([slot, name, about]) => (
          <DropZone key={slot} what={name.toLowerCase()} onFile={(file) => put(slot, file)}>
            <div class="slot">
              <div>
                <h3>{name}</h3>
                <p class="hint">{given[slot] ? `${given[slot].name}, ${size(given[slot])}` : about}</p>
              </div>
              <FileButton label="File" what={name} accept={accept} onFile={(file) => put(slot, file)} />
            </div>
          </DropZone>
        ))}
        <div class="row">
          <button
            type="button"
            class="button button-main button-small"
            disabled={!given.generator || engine.value.phase === 'opening'}
            onClick={() => chooseNetworks(networkFiles(given.generator!, given))}
          >
            Use these
          </button>
          {own && (
            <button type="button" class="button button-small" onClick={() => chooseNetworks('avatar')}>
              Use the bundled ones
            </button>
          )}
        </div>
        {own && <p class="hint">{state()}</p>}
      </details>
    </section>
  );
}

function networkFiles(generator: File, given: Partial<Record<Slot, File>>): NetworkFiles {
  return {
    generator,
    landmarkNet: given.landmarkNet ?? landmarkNet,
    perceptual: given.trunk
      ? { net: 'vgg', trunk: given.trunk, heads: given.heads }
      : { net: 'student', trunk: likeness },
  };
}

function state(): string {
  const { value } = engine;
  if (value.phase !== 'ready') return value.phase === 'failed' ? value.problem.what : 'Reading them…';
  const { resolution } = value.projector.info.generator;
  return `Your generator draws ${resolution} × ${resolution} pixels.`;
}

function size({ size: bytes }: File): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`;
}
