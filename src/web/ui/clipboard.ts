import { t } from '../language/t.ts'
import { notify } from './notice.ts'

// longer text does not fit into a notice
const MAX_SHOWN = 300

/** Copies text and says `done`, or shows it when the browser does not allow copying. */
export async function copy(text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
    notify(done)
  } catch {
    const shown = text.length > MAX_SHOWN ? t('See the address bar.') : text
    notify(t('The browser does not allow copying. {text}', { text: shown }))
  }
}
