const steps = [
  [
    'driver',
    'Find',
    'Sixty-eight points of the face are found in every frame of the driver, and put on the face of the look.',
  ],
  [
    'target',
    'Search',
    'For each frame, gradient descent looks for the input of a face generator whose picture has these points and is still the same person.',
  ],
  ['result', 'Draw', 'Frames in between are blended, and all of them are drawn and encoded as a video.'],
] as const;

/** What happens, before there is anything else to see. */
export function Explain() {
  return (
    <ol class="explain">
      {steps.map(([role, title, text]) => (
        <li key={title} class={`explain-${role}`}>
          <h3>{title}</h3>
          <p>{text}</p>
        </li>
      ))}
    </ol>
  );
}
