import type { Appearance } from '../../colour/appearance.ts'
import { backgroundColour, colourList } from './swatches.ts'

/**
 * Gives the page the colours of the picture: CSS variables for the panels, and the colour of the
 * browser's own bar.
 */
export function applyTheme(appearance: Appearance): void {
  const { style } = document.documentElement
  style.setProperty('--cycle', colourList(appearance))
  style.setProperty('--background', backgroundColour(appearance))
  document.querySelector('meta[name=theme-color]')?.setAttribute('content', backgroundColour(appearance))
}
