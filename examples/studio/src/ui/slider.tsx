import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Tip } from './tip';

interface SliderProps {
  readonly label: string;
  /** A sentence in plain words that says what it does. */
  readonly tip?: ComponentChildren;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** The value in words. Default: the number. */
  readonly format?: (value: number) => string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}

/** A labelled slider with its value. */
export function Slider({ label, tip, value, min, max, step, format, disabled, onChange }: SliderProps) {
  const id = useId();
  const text = format ? format(value) : String(value);
  return (
    <div class="field explained">
      <div class="field-head">
        <label for={id}>{label}</label>
        {tip && <Tip about={label}>{tip}</Tip>}
        <output for={id}>{text}</output>
      </div>
      <input
        type="range"
        aria-valuetext={text}
        {...{ id, min, max, step, value, disabled }}
        onInput={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
    </div>
  );
}
