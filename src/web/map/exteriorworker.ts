// Computes the tiles outside the pyramid, off the main thread: a screen of them takes up to a
// second.
import { type ExteriorTile, exteriorPicture } from './exterior.ts'

addEventListener('message', ({ data }: MessageEvent<ExteriorTile & { id: number }>) => {
  const picture = exteriorPicture(data)
  const transfer = [picture.indices.buffer, ...(picture.light ? [picture.light.buffer] : [])]
  postMessage({ id: data.id, picture }, { transfer })
})
