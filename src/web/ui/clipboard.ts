import { notify } from './notice.ts'

// longer text does not fit into a notice
const MAX_SHOWN = 300

/** Copies text and says so, or shows it when the browser does not allow copying. */
export async function copy(text: string, what: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify(`${what} copied.`)
  } catch {
    const shown = text.length > MAX_SHOWN ? 'see the address bar' : text
    notify(`The browser does not let this page copy. ${what}: ${shown}`)
  }
}
