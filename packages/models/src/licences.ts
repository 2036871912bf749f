/** What is known about the terms of the published weights of a kind of network. */
const terms: readonly [RegExp, string][] = [
  [
    /StyleGAN/,
    'Networks published by NVIDIA are for non-commercial use only (NVIDIA Source Code License). Of a network by ' +
      'somebody else, ask its author for the terms, and think of those of the photographs it was trained on.',
  ],
  [/^FAN$/, 'Networks of face-alignment come under the BSD 3-Clause licence of that project (Adrian Bulat).'],
  [/^LPIPS heads$/, 'LPIPS is under the BSD 2-Clause licence (Zhang, Isola, Efros, Shechtman, Wang).'],
  [
    /AlexNet|SqueezeNet/,
    'Trunks of torchvision come under its BSD 3-Clause licence; they were trained on ImageNet, whose terms are ' +
      'non-commercial. A vgg16.pt by NVIDIA is for non-commercial use only.',
  ],
];

/**
 * The licence of a network: what the metadata of its file say (`license` or `licence`), else a hint at the terms of the
 * published networks of the kind that {@link identifyNetwork} has named.
 */
export function licenceHint(
  network: string | undefined,
  metadata: Readonly<Record<string, string>> = {},
): string {
  const stated = Object.entries(metadata).find(
    ([key, text]) => /^licen[cs]e$/i.test(key) && text.trim(),
  )?.[1];
  if (stated !== undefined) return stated.trim().replace(/\s+/g, ' ');
  const known = terms.find(([pattern]) => pattern.test(network ?? ''))?.[1];
  return known ?? 'Unknown: ask whoever published the file.';
}
