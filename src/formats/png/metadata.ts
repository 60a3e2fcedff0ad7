// The parameters that a picture was rendered with, stored in the picture itself, so that it can be
// rendered again. A PNG has a text chunk for each parameter; the other formats have one XMP packet.

import { PACKAGE_VERSION } from '../../core/package.ts'
import { chunk, chunksBeforePixels, isPng } from './chunk.ts'

/** Parameters by name. */
export type ImageMetadata = Record<string, string>

const SOFTWARE = `mandeltiles ${PACKAGE_VERSION}`

/**
 * PNG text chunks: Software, address (what to request from a server), and every parameter by name.
 */
export function metadataChunks(metadata: ImageMetadata): Buffer[] {
  const entries = { Software: SOFTWARE, address: address(metadata), ...metadata }
  return Object.entries(entries).map(([name, value]) => chunk('tEXt', Buffer.from(`${name}\0${value}`, 'latin1')))
}

/**
 * An XMP packet with the address as its description; readMetadata reads all parameters from that.
 */
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

/**
 * The parameters in a picture: from a PNG's own bytes, or from the XMP packet of another format.
 * Undefined if there are none.
 */
export function readMetadata(bytes: Uint8Array, xmp?: string): ImageMetadata | undefined {
  const found = isPng(bytes)
    ? textOf(bytes, 'address')
    : /\/image\?[^<"]*/.exec(xmp ?? '')?.[0].replaceAll('&amp;', '&')
  if (!found?.startsWith(ADDRESS)) return undefined
  return Object.fromEntries(new URLSearchParams(found.slice(ADDRESS.length)))
}

const ADDRESS = '/image?'

function address(metadata: ImageMetadata): string {
  return ADDRESS + new URLSearchParams(metadata)
}

/** The text of one keyword, from the chunks before the pixels. */
function textOf(png: Uint8Array, keyword: string): string | undefined {
  for (const { type, data } of chunksBeforePixels(png)) {
    const text = type === 'tEXt' ? data.toString('latin1') : ''
    if (text.startsWith(`${keyword}\0`)) return text.slice(keyword.length + 1)
  }
  return undefined
}
