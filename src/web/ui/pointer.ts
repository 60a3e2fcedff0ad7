/** Is it a mouse event that the browser sends after a touch? */
export function fromTouch(event: MouseEvent & { sourceCapabilities?: { firesTouchEvents: boolean } }): boolean {
  return event.sourceCapabilities?.firesTouchEvents ?? false
}
