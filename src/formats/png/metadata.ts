// What a picture says of itself: the parameters that it was rendered with, so that another can be rendered like it. In a PNG as text chunks, one a
// parameter; in the other formats as one XMP packet.

import { PACKAGE_VERSION } from '../../core/package.ts'
import { chunk, PNG_SIGNATURE } from './chunk.ts'

/** Parameters by name. */
export type ImageMetadata = Record<string, string>

const SOFTWARE = `mandeltiles ${PACKAGE_VERSION}`

/** An imprint as chunks of a PNG: Software, address (what to ask a server for), and every parameter by name. */
export function metadataChunks(metadata: ImageMetadata): Buffer[] {
  const entries = { Software: SOFTWARE, address: address(metadata), ...metadata }
  return Object.entries(entries).map(([name, value]) => chunk('tEXt', Buffer.from(`${name}\0${value}`, 'latin1')))
}

/** An imprint as an XMP packet: its address as the description, from which `readImprint` has it all. */
export function metadataXmp(metadata: ImageMetadata): string {
  return [
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    ` xmp:CreatorTool="${SOFTWARE}"><dc:description><rdf:Alt><rdf:li xml:lang="x-default">`,
    `${address(metadata).replaceAll('&', '&amp;')}</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF></x:xmpmeta>`,
    '<?xpacket end="r"?>',
  ].join('')
}

/** The imprint of a picture: of a PNG's own bytes, or of the XMP packet that another format holds; undefined where there is none. */
export function readMetadata(bytes: Uint8Array, xmp?: string): ImageMetadata | undefined {
  const isPng = PNG_SIGNATURE.equals(bytes.subarray(0, PNG_SIGNATURE.length))
  const found = isPng ? textOf(bytes, 'address') : /\/image\?[^<"]*/.exec(xmp ?? '')?.[0].replaceAll('&amp;', '&')
  if (!found?.startsWith(ADDRESS)) return undefined
  return Object.fromEntries(new URLSearchParams(found.slice(ADDRESS.length)))
}

const ADDRESS = '/image?'

function address(metadata: ImageMetadata): string {
  return ADDRESS + new URLSearchParams(metadata)
}

/** The text of one keyword, from the chunks before the pixels. */
function textOf(bytes: Uint8Array, keyword: string): string | undefined {
  const png = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let at = PNG_SIGNATURE.length; at + 12 <= png.length; ) {
    const length = png.readUInt32BE(at)
    const type = png.toString('latin1', at + 4, at + 8)
    if (type === 'IDAT') return undefined
    const data = png.toString('latin1', at + 8, at + 8 + length)
    if (type === 'tEXt' && data.startsWith(`${keyword}\0`)) return data.slice(keyword.length + 1)
    at += 12 + length
  }
  return undefined
}
