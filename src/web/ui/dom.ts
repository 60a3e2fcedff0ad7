/**
 * The root element of a panel, by its id in index.html. Each panel has one, and looks up everything
 * else inside it.
 */
export function panelRoot<E extends HTMLElement = HTMLElement>(id: string): E {
  return required(document.getElementById(id), id) as E
}

/** An element inside a panel, by its id. */
export function part<E extends HTMLElement = HTMLElement>(root: HTMLElement, id: string): E {
  return required(root.querySelector<E>(`#${id}`), id)
}

/** A new element with text in it. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, text = ''): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  element.textContent = text
  return element
}

function required<E extends Element>(element: E | null, id: string): E {
  if (!element) throw new Error(`index.html has no element #${id}`)
  return element
}
