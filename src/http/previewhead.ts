// The metadata of a view's page for link previews: title, description, picture, and where to ask
// for more (Open Graph, Twitter cards, oEmbed).
import { formatDecimal } from '../plane/decimal.ts'
import { PREVIEW, type SharedView, titleOf, viewAddress, viewFragment } from './sharedview.ts'

/** The part of the page's head about a view; `base` is the relative path to the page's root. */
export function previewHead(view: SharedView, origin: string, base: string): string {
  const title = titleOf(view)
  const address = viewAddress(view, origin)
  const [re, im] = [formatDecimal(view.re), formatDecimal(view.im)]
  const description = `The Mandelbrot set at ${excerpt(re)} + ${excerpt(im)} i. Zoom on from here.`
  const picture = viewAddress(view, origin, new URLSearchParams())
  const oembed = `${origin}/oembed?url=${encodeURIComponent(address)}`
  const meta = (key: 'name' | 'property', name: string, content: string) =>
    `<meta ${key}="${name}" content="${escaped(content)}" />`
  return [
    // resolves the page's own relative addresses against its root
    `<base href="${base}" />`,
    `<title>${escaped(title)}</title>`,
    `<link rel="canonical" href="${escaped(address)}" />`,
    `<link rel="alternate" type="application/json+oembed" href="${escaped(oembed)}" title="${escaped(title)}" />`,
    meta('name', 'mandeltiles-view', viewFragment(view)),
    meta('name', 'description', description),
    meta('property', 'og:type', 'website'),
    meta('property', 'og:title', title),
    meta('property', 'og:description', description),
    meta('property', 'og:url', address),
    meta('property', 'og:image', picture),
    meta('property', 'og:image:type', 'image/webp'),
    meta('property', 'og:image:width', String(PREVIEW.width)),
    meta('property', 'og:image:height', String(PREVIEW.height)),
    meta('property', 'og:image:alt', `${title}: the picture of this place`),
    meta('name', 'twitter:card', 'summary_large_image'),
    meta('name', 'twitter:title', title),
    meta('name', 'twitter:description', description),
    meta('name', 'twitter:image', picture),
  ].join('\n    ')
}

/** A coordinate as a sentence shows it. */
function excerpt(text: string): string {
  return text.length > 14 ? `${text.slice(0, 13)}…` : text
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}
