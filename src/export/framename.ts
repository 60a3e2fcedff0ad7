/** The name of frame k, counted from 0. */
export function frameName(k: number): string {
  return `frame-${String(k).padStart(6, '0')}.png`
}

/** The same names for ffmpeg. */
export const FRAME_PATTERN = 'frame-%06d.png'
