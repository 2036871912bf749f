import type { Sample } from './samples';

interface SampleStripProps {
  readonly label: string;
  readonly samples: readonly Sample[];
  /** Name of the chosen one. */
  readonly chosen: string | undefined;
  readonly onChoose: (sample: Sample) => void;
}

/** Small pictures to choose from. */
export function SampleStrip({ label, samples, chosen, onChoose }: SampleStripProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for inputs
    <div class="strip" role="group" aria-label={label}>
      {samples.map((sample) => (
        <button
          key={sample.id}
          type="button"
          title={sample.name}
          aria-label={sample.name}
          aria-pressed={sample.name === chosen}
          onClick={() => onChoose(sample)}
        >
          <img src={sample.thumb} alt="" width={56} height={56} />
        </button>
      ))}
    </div>
  );
}
