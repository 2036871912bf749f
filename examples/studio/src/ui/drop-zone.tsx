import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import { Icon } from './icon';

interface DropZoneProps {
  /** What is dropped here: `a picture`. */
  readonly what: string;
  readonly onFile: (file: File) => void;
  readonly children: ComponentChildren;
}

/** An area that takes a file that is dropped on it, with a button to choose one. */
export function DropZone({ what, onFile, children }: DropZoneProps) {
  const over = useSignal(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    over.value = false;
    const file = event.dataTransfer?.files[0];
    if (file) onFile(file);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the button inside does the same
    <div
      class="drop-zone"
      data-over={over.value}
      onDragOver={(event) => {
        event.preventDefault();
        over.value = true;
      }}
      onDragLeave={({ currentTarget, relatedTarget }) => {
        over.value = currentTarget.contains(relatedTarget as Node | null);
      }}
      onDrop={drop}
    >
      {children}
      {over.value && <p class="drop-here">Drop {what} here</p>}
    </div>
  );
}

/** A button that opens the file chooser. */
export function FileButton({
  accept,
  label,
  what,
  onFile,
}: {
  /** As the `accept` of an input. */
  accept: string;
  label: string;
  /** What the file is, for screen readers, if the label does not say. */
  what?: string;
  onFile: (file: File) => void;
}) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="button button-small"
        aria-label={what && `${label}: ${what}`}
        onClick={() => input.current?.click()}
      >
        <Icon name="upload" />
        {label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={accept}
        onChange={({ currentTarget }) => {
          const file = currentTarget.files?.[0];
          // So that the same file can be chosen again.
          currentTarget.value = '';
          if (file) onFile(file);
        }}
      />
    </>
  );
}
