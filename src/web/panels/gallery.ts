import type { GalleryPlace } from '../gallery/place.ts'
import { t } from '../language/t.ts'
import type { Text } from '../language/texts.ts'
import { makeCard } from '../ui/card.ts'

const pictures = import.meta.glob<string>('../gallery/*.webp', {
  query: '?url',
  import: 'default',
  eager: true,
})

/** The gallery's places, as a tour shows them. */
export async function galleryStops(): Promise<{ title: string; link: string }[]> {
  return (await galleryPlaces()).map((place) => ({ title: t(place.title as Text), link: linkTo(place) }))
}

async function galleryPlaces(): Promise<GalleryPlace[]> {
  return ((await import('../gallery/places.json')) as { default: GalleryPlace[] }).default
}

/** Fills the gallery, once. Its places are loaded when the dialog first opens. */
export async function showGallery(list: HTMLElement, visit: (link: string) => void): Promise<void> {
  if (list.childElementCount > 0) return
  const places = await galleryPlaces()
  list.replaceChildren(
    ...places.map((place) =>
      makeCard(t(place.title as Text), pictures[`../gallery/${place.name}.webp`] ?? '', t(place.sentence as Text), () =>
        visit(linkTo(place)),
      ),
    ),
  )
}

function linkTo({ zoom, re, im, ...appearance }: GalleryPlace): string {
  const parts = (['palette', 'density', 'offset'] as const).map(
    (name) => appearance[name] && `&${name}=${appearance[name]}`,
  )
  return `#${zoom}/${re}/${im}${parts.filter(Boolean).join('')}`
}
