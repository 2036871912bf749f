/** A tensor that only one kind of network has. */
const signatures: readonly [RegExp, string][] = [
  [/^synthesis\.input\./, 'a StyleGAN3 generator'],
  [/^synthesis\.b4\.conv1\.weight$/, 'a StyleGAN2 generator'],
  [/^conv1\.conv\.modulation\.weight$/, 'a StyleGAN2 generator'],
  [/^b4\.(fc|out)\.weight$/, 'a StyleGAN2 discriminator'],
  [/^m0\.b1_1\./, 'FAN'],
  [/^stages\.0\.0\.weight$/, 'the LPIPS student'],
  [/^features\.3\.squeeze\.weight$/, 'SqueezeNet'],
  [/^features\.0\.weight$/, 'an AlexNet or VGG trunk'],
  [/^lin0\./, 'LPIPS heads'],
  [/^landmarks\.weight$/, 'a linear encoder'],
];

/** What network the tensors of these names belong to, for people; undefined if it is none that we know. */
export function identifyNetwork(names: Iterable<string>): string | undefined {
  const all = [...names];
  return signatures.find(([pattern]) => all.some((name) => pattern.test(name)))?.[1];
}
