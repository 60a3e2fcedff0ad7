export const PICTURE_FORMATS = ['png', 'webp', 'avif', 'jpg'] as const

export type PictureFormat = (typeof PICTURE_FORMATS)[number]

/** What stills may be, beside. */
export const IMAGE_FORMATS = [...PICTURE_FORMATS, 'tiff'] as const

export type ImageFormat = (typeof IMAGE_FORMATS)[number]

/** Pixels of a large picture: one that a cache would not hold, nor an encoder all of it. */
export const LARGE = 4096 ** 2
