import type { ImageFormat } from './image-output';
import { withXmp } from './with-xmp';

/** What says that a trained model made a picture: https://cv.iptc.org/newscodes/digitalsourcetype */
const sourceType = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/** Says that a trained model made it, in files that have a comment, such as videos and GIF. What `writeVideo` writes has it. */
export const aiComment = `AI-generated (${sourceType})`;

/** The same for pictures, as XMP (IPTC Photo Metadata Standard). */
export const aiXmp = [
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
  '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
  ` Iptc4xmpExt:DigitalSourceType="${sourceType}"/>`,
  '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>',
].join('');

/**
 * Says that a trained model made a picture, in one that another library has encoded. What `writeImage` writes has it.
 *
 * @param picture an encoded picture without XMP metadata
 * @returns a copy with IPTC's digital source type `trainedAlgorithmicMedia`
 * @throws FaceanimError `invalid-option` for bytes that are no picture of the format
 */
export function withAiTag(picture: Uint8Array, format: ImageFormat): Uint8Array<ArrayBuffer> {
  return withXmp(picture, format, aiXmp);
}
