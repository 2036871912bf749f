import { percent } from '../ui/percent';
import { Tip } from '../ui/tip';
import { playing, setLayer, shares } from './state/shares';

/** The share of the layers, from the first, that decide the shape. */
const shapeLayers = 0.35;

/** A slider for each layer of the generator. */
export function LayersCard() {
  const { value } = shares;
  if (value.length === 0) return null;
  const split = (shape: number, colours: number) => {
    playing.value = false;
    shares.value = value.map((_, layer) => (layer < shapeLayers * value.length ? shape : colours));
  };
  return (
    <section class="card layers" aria-labelledby="layers-title">
      <div class="card-head explained">
        <div class="row">
          <h2 id="layers-title">Layers</h2>
          <Tip about="layers">
            The generator draws from coarse to fine, and each layer can follow either face: the first ones
            decide the shape, those in the middle the colours, and the last ones small things.
          </Tip>
        </div>
        <div class="row">
          <button type="button" class="button button-small" onClick={() => split(0, 1)}>
            Shape of A, colours of B
          </button>
          <button type="button" class="button button-small" onClick={() => split(1, 0)}>
            The other way round
          </button>
        </div>
      </div>
      <div class="layer-bank">
        <div class="layer-ends" aria-hidden="true">
          <span>B</span>
          <span>A</span>
        </div>
        {value.map((share, layer) => (
          <label key={layer}>
            <input
              type="range"
              aria-label={`Layer ${layer + 1}: share of face B`}
              aria-valuetext={percent(share)}
              {...{ min: 0, max: 1, step: 0.05, value: share }}
              onInput={({ currentTarget }) => setLayer(layer, currentTarget.valueAsNumber)}
            />
            <span aria-hidden="true">{layer + 1}</span>
          </label>
        ))}
      </div>
      <div class="layer-words hint" aria-hidden="true">
        <span>shape</span>
        <span>colours</span>
        <span>details</span>
      </div>
    </section>
  );
}
