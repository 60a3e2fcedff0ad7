export const PICTURE_FORMATS = ['png', 'webp', 'avif', 'jpg'] as const

export type PictureFormat = (typeof PICTURE_FORMATS)[number]

/** The formats of single pictures, which may be a TIFF as well. */
export const IMAGE_FORMATS = [...PICTURE_FORMATS, 'tiff'] as const

export type ImageFormat = (typeof IMAGE_FORMATS)[number]

/**
 * Pixels from which a picture is large: never cached, and never completely in memory while it is
 * encoded.
 */
export const LARGE = 4096 ** 2
