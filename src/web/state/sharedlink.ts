// A link that previews can read names its view in the path, /at/zoom/re/im. The server puts the
// same view into the page as a fragment; from here on the address is the map's usual one.

/** Takes over the view that the server put into the page, unless the address names one itself. */
export function adoptSharedView(): void {
  const view = document.querySelector<HTMLMetaElement>('meta[name="mandeltiles-view"]')?.content
  if (view && location.hash === '') history.replaceState(null, '', `#${view}`)
}
