import type { PaletteName } from '../../colour/palettes.ts'

/** A place worth visiting, as in places.json; its picture is `<name>.webp`. */
export interface GalleryPlace {
  name: string
  title: string
  sentence: string
  /** the centre, as decimals of any length, and the map's zoom */
  re: string
  im: string
  zoom: number
  /** the appearance that suits it best, if that is not the default */
  palette?: PaletteName
  density?: number
  offset?: number
  /** the source of the place */
  source: string
}
