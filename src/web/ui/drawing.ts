/** A function that draws in the next animation frame, once however often it is called before. */
export function oncePerFrame(draw: () => void): () => void {
  let scheduled = false
  return () => {
    if (scheduled) return
    scheduled = true
    requestAnimationFrame(() => {
      scheduled = false
      draw()
    })
  }
}
