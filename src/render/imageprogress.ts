import type { OnProgress } from './strips.ts'

/** The images in progress, and the finished fraction of each. */
export class ImageProgress {
  /** fractions from 0 to 1, by the image's key */
  readonly making = new Map<string, number>()

  /**
   * Adds an image, until `end`. Strips of a cancelled image may still report after that.
   */
  track(key: string): { onProgress: OnProgress; end(): void } {
    this.making.set(key, 0)
    return {
      onProgress: (done) => {
        if (this.making.has(key)) this.making.set(key, done)
      },
      end: () => void this.making.delete(key),
    }
  }
}
