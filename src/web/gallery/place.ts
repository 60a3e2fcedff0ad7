import type { PaletteName } from '../../colour/palettes.ts'

/** A place worth a visit, as places.json lists it; its picture is `<name>.webp`. */
export interface GalleryPlace {
  name: string
  title: string
  sentence: string
  /** the centre, as decimals of any length, and the map's zoom */
  re: string
  im: string
  zoom: number
  /** what it looks best in, where that is not the default */
  palette?: PaletteName
  density?: number
  offset?: number
  /** where the place is from */
  source: string
}
