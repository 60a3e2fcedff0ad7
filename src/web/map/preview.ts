// A small picture of a place that the map jumps to, shown until the place's tiles arrive: a deep
// one may take seconds.

export interface Preview {
  url: string
  /** the width that it shows, in CSS pixels of the map; if left out, a whole screen */
  width?: number
}

/** The preview, as large as the place's tiles, or larger if it would not cover such a screen. */
export async function previewElement(
  { url, width = 0 }: Preview,
  screen: { x: number; y: number },
): Promise<HTMLElement> {
  const image = new Image()
  image.alt = ''
  image.className = 'mandel-preview'
  image.src = url
  await image.decode()
  const scale = Math.max(width / image.naturalWidth, screen.x / image.naturalWidth, screen.y / image.naturalHeight)
  const [across, down] = [scale * image.naturalWidth, scale * image.naturalHeight]
  image.style.width = `${across}px`
  image.style.height = `${down}px`
  image.style.translate = `${(screen.x - across) / 2}px ${(screen.y - down) / 2}px`
  return image
}
