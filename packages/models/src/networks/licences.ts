/** Terms of NVIDIA's StyleGANs. */
export const nvidiaLicence =
  'Networks published by NVIDIA are for non-commercial use only (NVIDIA Source Code License). For any other network, ' +
  'ask its author for the terms, and mind those of the photographs it was trained on.';

/** Terms of torchvision's trunks. */
export const torchvisionLicence =
  'Trunks of torchvision come under its BSD 3-Clause licence; they were trained on ImageNet, whose terms are ' +
  'non-commercial. A vgg16.pt by NVIDIA is for non-commercial use only.';

/** The licence that the metadata of a file state (`license` or `licence`). */
export function statedLicence(metadata: Readonly<Record<string, string>>): string | undefined {
  const stated = Object.entries(metadata).find(([key, text]) => /^licen[cs]e$/i.test(key) && text.trim());
  return stated?.[1].trim().replace(/\s+/g, ' ');
}
