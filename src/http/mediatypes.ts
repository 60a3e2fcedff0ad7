/** Media types by file extension. */
export const MEDIA_TYPES = {
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  jpg: 'image/jpeg',
  tiff: 'image/tiff',
  json: 'application/json; charset=utf-8',
  geojson: 'application/geo+json; charset=utf-8',
  npy: 'application/octet-stream',
} as const
