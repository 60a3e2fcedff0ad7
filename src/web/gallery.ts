import type { Atlas } from './atlas.ts'
import { card } from './card.ts'
import { find } from './dom.ts'
import type { GalleryPlace } from './gallery/place.ts'

const pictures = import.meta.glob<string>('./gallery/*.webp', {
  query: '?url',
  import: 'default',
  eager: true,
})

/** Fills the gallery, once: its places are fetched when it is first opened. */
export async function showGallery(atlas: Atlas, arrived: () => void): Promise<void> {
  const list = find('gallery')
  if (list.childElementCount > 0) return
  const { default: places } = (await import('./gallery/places.json')) as { default: GalleryPlace[] }
  list.replaceChildren(
    ...places.map((place) =>
      card(place.title, pictures[`./gallery/${place.name}.webp`] ?? '', place.sentence, () => {
        atlas.visit(linkTo(place))
        arrived()
      }),
    ),
  )
}

function linkTo({ zoom, re, im, ...appearance }: GalleryPlace): string {
  const parts = (['palette', 'density', 'offset'] as const).map(
    (name) => appearance[name] && `&${name}=${appearance[name]}`,
  )
  return `#${zoom}/${re}/${im}${parts.filter(Boolean).join('')}`
}
