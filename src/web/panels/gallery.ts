import type { GalleryPlace } from '../gallery/place.ts'
import { t } from '../language/t.ts'
import type { Text } from '../language/texts.ts'
import type { Preview } from '../map/preview.ts'
import { makeCard } from '../ui/card.ts'
import type { Stop } from './tour.ts'

// the width of the window that a picture shows, in CSS pixels (docs/gallery/render.ts)
const PICTURE_WIDTH = 1280

const pictures = import.meta.glob<string>('../gallery/*.webp', {
  query: '?url',
  import: 'default',
  eager: true,
})

/** The gallery's places, as a tour shows them. */
export async function galleryStops(): Promise<Stop[]> {
  return (await galleryPlaces()).map((place) => ({
    title: t(place.title as Text),
    link: linkTo(place),
    preview: { url: pictureOf(place), width: PICTURE_WIDTH },
  }))
}

async function galleryPlaces(): Promise<GalleryPlace[]> {
  return ((await import('../gallery/places.json')) as { default: GalleryPlace[] }).default
}

/** Fills the gallery, once. Its places are loaded when the dialog first opens. */
export async function showGallery(list: HTMLElement, visit: (link: string, preview: Preview) => void): Promise<void> {
  if (list.childElementCount > 0) return
  const places = await galleryPlaces()
  list.replaceChildren(
    ...places.map((place) =>
      makeCard(t(place.title as Text), pictureOf(place), t(place.sentence as Text), () =>
        visit(linkTo(place), { url: pictureOf(place), width: PICTURE_WIDTH }),
      ),
    ),
  )
}

function pictureOf({ name }: GalleryPlace): string {
  return pictures[`../gallery/${name}.webp`] ?? ''
}

function linkTo({ zoom, re, im, ...appearance }: GalleryPlace): string {
  const parts = (['palette', 'density', 'offset'] as const).map(
    (name) => appearance[name] && `&${name}=${appearance[name]}`,
  )
  return `#${zoom}/${re}/${im}${parts.filter(Boolean).join('')}`
}
