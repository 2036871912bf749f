/** What says that a trained model made a picture: https://cv.iptc.org/newscodes/digitalsourcetype */
const sourceType = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/** The tag for files that have a comment: videos and GIF. */
export const aiComment = `AI-generated (${sourceType})`;

/** The tag for pictures, as XMP (IPTC Photo Metadata Standard). */
export const aiXmp = [
  '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
  '<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
  ` Iptc4xmpExt:DigitalSourceType="${sourceType}"/>`,
  '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>',
].join('');
